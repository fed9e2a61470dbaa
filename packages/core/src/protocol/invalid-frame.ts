import type { Frame } from "./frame.js"
import { InvalidValue } from "./invalid-value.js"
import type { Limits } from "./limits.js"
import { findLoneSurrogate } from "./surrogates.js"
import { findUnreadable } from "./unreadable.js"

/** What an encoder makes of an error that it did not raise itself: a getter that throws, or text of too many bytes. */
export function invalidFrame(frame: Frame, error: unknown): InvalidValue {
  if (error instanceof InvalidValue) return error
  const place = findUnreadable(valuesOf(frame), rootOf(frame))
  return new InvalidValue(place, `cannot be encoded: ${String(error)}`)
}

/** @throws {InvalidValue} when a string that has to arrive as it is, is not valid Unicode. */
export function refuseLoneSurrogates(frame: Frame): void {
  const place = findLoneSurrogate(frame)
  if (place === undefined) return
  throw new InvalidValue(place, "a string with a lone surrogate is not valid Unicode")
}

/**
 * @param head bytes of the frame without its attachments, and the `encoding` they are in, for messages.
 * @returns the bytes of all of it.
 * @throws {InvalidValue} when they are beyond a limit.
 */
export function checkSize(
  frame: Frame,
  head: number,
  encoding: string,
  attachments: readonly Uint8Array[],
  limits: Limits,
): number {
  if (head > limits.maxFrameBytes) {
    const limit = `maxFrameBytes is ${limits.maxFrameBytes}`
    throw new InvalidValue(rootOf(frame), `${head} bytes as ${encoding}; ${limit}`)
  }
  if (attachments.length === 0) return head
  let binary = 0
  for (const bytes of attachments) binary += bytes.byteLength
  if (binary > limits.maxAttachmentBytes) {
    const limit = `maxAttachmentBytes is ${limits.maxAttachmentBytes}`
    throw new InvalidValue(rootOf(frame), `${binary} bytes of binary data; ${limit}`)
  }
  return head + binary
}

/** Where the paths of a frame start. */
function rootOf(frame: Frame): string {
  return frame.type === "call" ? "args" : frame.type
}

function valuesOf(frame: Frame): unknown {
  if (frame.type === "call") return frame.args
  return frame.type === "result" || frame.type === "chunk" ? frame.value : undefined
}
