import type { WireError } from "../protocol/frame.js"
import { InvalidValue } from "../protocol/values.js"
import { detailsOf } from "./error-details.js"

/** Characters of a stack that travel; the middle of a longer one is left out. */
const maxTraceback = 256 * 1024
/** Errors in a chain of causes whose stacks are told. */
const maxCauses = 8

/** Answers a call with an error that is none of its tool. */
export class Refusal extends Error {
  constructor(readonly wire: WireError) {
    super(wire.message)
  }
}

/** The error frame for something a TypeScript handler threw. */
export function describeThrown(error: unknown): WireError {
  if (error instanceof Refusal) return error.wire
  if (error instanceof InvalidValue) {
    return { code: "not_serializable", type: "InvalidValue", message: error.message }
  }
  if (!(error instanceof Error)) {
    return { code: "tool_error", type: "Error", message: readable(() => String(error)) ?? "not describable" }
  }
  const type = readable(() => error.name) ?? "Error"
  const traceback = stackOf(error)
  const details = detailsOf(error)
  return {
    code: "tool_error",
    type,
    message: readable(() => error.message) ?? `${type} without a readable message`,
    ...(traceback !== "" && { traceback }),
    ...(details !== undefined && { details }),
    ...(attempt(() => Reflect.get(error, "retryable")) === true && { retryable: true }),
  }
}

/** The stack of an error and those of its causes. */
function stackOf(error: Error): string {
  const stacks: string[] = []
  let next: unknown = error
  while (next instanceof Error && stacks.length < maxCauses) {
    const current: Error = next
    stacks.push(readable(() => current.stack) ?? "")
    next = attempt(() => current.cause)
  }
  const text = stacks.filter((stack) => stack !== "").join("\n\nCaused by: ")
  if (text.length <= maxTraceback) return text
  const half = maxTraceback / 2
  const omitted = text.length - maxTraceback
  return `${text.slice(0, half)}\n… ${omitted} characters left out …\n${text.slice(-half)}`
}

/** A text that may be anything, or throw when it is read. */
function readable(read: () => unknown): string | undefined {
  const text = attempt(read)
  return typeof text === "string" ? text : undefined
}

function attempt(read: () => unknown): unknown {
  try {
    return read()
  } catch {
    return undefined
  }
}
