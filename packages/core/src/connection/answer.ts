import type { WireError } from "../protocol/frame.js"
import type { IncomingCall } from "./incoming-call.js"
import { StreamChunk } from "./stream-chunk.js"

/** Runs a handler and answers the call with what it gives or throws: a value, or the values of a stream. */
export async function answer(
  call: IncomingCall,
  handler: () => unknown,
  describe: (error: unknown) => WireError,
): Promise<void> {
  if (!call.begin()) return
  const started = performance.now()
  try {
    const outcome = await handler()
    const steps = stepsOf(outcome)
    if (steps !== undefined) await answerStream(call, steps, started)
    else if (call.frame.stream === true) await finish(call, outcome, started)
    else call.result(outcome ?? null)
  } catch (error) {
    call.error(call.signal.aborted ? cancelled : describe(error))
  }
}

/** The answer to a call that was cancelled. */
export const cancelled: WireError = {
  code: "cancelled",
  type: "Cancelled",
  message: "the call was cancelled",
}

type Steps = AsyncIterator<unknown> | Iterator<unknown>

/** The steps of what streams: anything that is iterated asynchronously, and any iterator. A list is a value. */
function stepsOf(value: unknown): Steps | undefined {
  if (typeof value !== "object" || value === null) return undefined
  if (isAsyncIterable(value)) return value[Symbol.asyncIterator]()
  return isIterator(value) ? value : undefined
}

function isAsyncIterable(value: object): value is AsyncIterable<unknown> {
  return Symbol.asyncIterator in value
}

function isIterator(value: object): value is Iterator<unknown> {
  return Symbol.iterator in value && "next" in value && typeof value.next === "function"
}

/** Whether a function's calls certainly give streams. */
export function isGeneratorFunction(value: unknown): boolean {
  return /^\[object (Async)?GeneratorFunction\]$/.test(Object.prototype.toString.call(value))
}

async function answerStream(call: IncomingCall, steps: Steps, started: number): Promise<void> {
  try {
    if (call.frame.stream !== true) return call.error(mustStream(call.frame.tool))
    for (let next = await steps.next(); ; next = await steps.next()) {
      // An iterator that is not asynchronous may give promises.
      const item: unknown = await next.value
      if (next.done === true) return await finish(call, item, started)
      await mayWrite(call)
      if (!(item instanceof StreamChunk)) call.chunk(item)
      else if (!item.isFinal) call.chunk(item.data, { meta: item.metadata })
      else return call.chunk(item.data, { final: true, meta: { ...item.metadata, ...timing(started) } })
    }
  } finally {
    await steps.return?.()
  }
}

/** The error for a unary call to a tool that streams. */
export function mustStream(tool: string): WireError {
  const message = `"${tool}" streams its result; call it as a stream`
  return { code: "invalid_parameter", type: "InvalidParameter", message }
}

/** Ends a stream that its tool did not end itself. Without a value of the tool's making it needs no credit. */
async function finish(call: IncomingCall, value: unknown, started: number): Promise<void> {
  if (value !== undefined && value !== null) await mayWrite(call)
  call.chunk(value ?? null, { final: true, meta: { synthetic_final: "true", ...timing(started) } })
}

async function mayWrite(call: IncomingCall): Promise<void> {
  await call.writable()
  call.signal.throwIfAborted()
}

function timing(started: number): { readonly execution_time_ms: string } {
  return { execution_time_ms: (performance.now() - started).toFixed(3) }
}
