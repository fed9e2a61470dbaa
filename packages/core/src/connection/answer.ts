import type { WireError } from "../protocol/frame.js"
import { InvalidValue } from "../protocol/values.js"
import type { IncomingCall } from "./incoming-call.js"

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.asyncIterator in value
}

/** Runs a handler and answers the call with what it gives or throws: a value, or the values of a stream. */
export async function answer(
  call: IncomingCall,
  handler: () => unknown,
  describe: (error: unknown) => WireError,
): Promise<void> {
  if (!call.begin()) return
  // A handler may take its time to notice the signal; the peer need not wait for that.
  call.signal.addEventListener("abort", () => call.error(cancelled), { once: true })
  try {
    const outcome = await handler()
    if (isAsyncIterable(outcome)) await answerStream(call, outcome)
    else if (call.frame.stream === true) finish(call, outcome)
    else call.result(outcome ?? null)
  } catch (error) {
    call.error(describe(error))
  }
}

const cancelled: WireError = { code: "cancelled", type: "Cancelled", message: "the call was cancelled" }

function finish(call: IncomingCall, value: unknown): void {
  call.chunk(value ?? null, { final: true, meta: { synthetic_final: "true" } })
}

async function answerStream(call: IncomingCall, values: AsyncIterable<unknown>): Promise<void> {
  const iterator = values[Symbol.asyncIterator]()
  try {
    if (call.frame.stream !== true) {
      const message = `"${call.frame.tool}" streams its result; call it as a stream`
      return call.error({ code: "invalid_parameter", type: "InvalidParameter", message })
    }
    for (let next = await iterator.next(); ; next = await iterator.next()) {
      if (next.done === true) return finish(call, next.value)
      await call.writable()
      if (call.settled) return
      call.chunk(next.value)
    }
  } finally {
    await iterator.return?.()
  }
}

/** The error frame for something a TypeScript handler threw. */
export function describeThrown(error: unknown): WireError {
  if (error instanceof InvalidValue) {
    return { code: "not_serializable", type: "InvalidValue", message: error.message }
  }
  if (!(error instanceof Error)) return { code: "tool_error", type: "Error", message: String(error) }
  const traceback = error.stack === undefined ? {} : { traceback: error.stack }
  return { code: "tool_error", type: error.name, message: error.message, ...traceback }
}
