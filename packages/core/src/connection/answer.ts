import type { WireError } from "../protocol/frame.js"
import { InvalidValue } from "../protocol/values.js"
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
    if (isAsyncIterable(outcome)) await answerStream(call, outcome, started)
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

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.asyncIterator in value
}

async function answerStream(
  call: IncomingCall,
  values: AsyncIterable<unknown>,
  started: number,
): Promise<void> {
  const iterator = values[Symbol.asyncIterator]()
  try {
    if (call.frame.stream !== true) return call.error(mustStream(call.frame.tool))
    for (let next = await iterator.next(); ; next = await iterator.next()) {
      if (next.done === true) return await finish(call, next.value, started)
      const item: unknown = next.value
      await mayWrite(call)
      if (!(item instanceof StreamChunk)) call.chunk(item)
      else if (!item.isFinal) call.chunk(item.data, { meta: item.metadata })
      else return call.chunk(item.data, { final: true, meta: { ...item.metadata, ...timing(started) } })
    }
  } finally {
    await iterator.return?.()
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

/** The error frame for something a TypeScript handler threw. */
export function describeThrown(error: unknown): WireError {
  if (error instanceof InvalidValue) {
    return { code: "not_serializable", type: "InvalidValue", message: error.message }
  }
  if (!(error instanceof Error)) {
    return { code: "tool_error", type: "Error", message: readable(() => String(error)) ?? "not describable" }
  }
  const type = readable(() => error.name) ?? "Error"
  const traceback = readable(() => error.stack)
  return {
    code: "tool_error",
    type,
    message: readable(() => error.message) ?? `${type} without a readable message`,
    ...(traceback !== undefined && { traceback }),
  }
}

/** A text that may be anything, or throw when it is read. */
function readable(read: () => unknown): string | undefined {
  try {
    const text = read()
    return typeof text === "string" ? text : undefined
  } catch {
    return undefined
  }
}
