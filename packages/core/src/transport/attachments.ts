import { type Attached, bytesOf, type InSegment } from "../protocol/attach.js"
import { ProtocolViolation } from "../protocol/violation.js"
import type { SharedLane } from "./shared/lane.js"

/**
 * The binary data of a frame. What follows it gets memory of its own, and only once its bytes begin to come; the rest
 * is in shared memory already.
 */
export class AttachmentReader {
  readonly #entries: readonly Attached[]
  readonly #lane: SharedLane | undefined
  readonly #done: Uint8Array[] = []
  #current: Uint8Array | undefined
  #filled = 0

  /** @throws {ProtocolViolation} when something cannot be where it is said to be. */
  constructor(entries: readonly Attached[], lane?: SharedLane) {
    this.#entries = entries
    this.#lane = lane
    this.#passPresent()
  }

  /** All of them, once they are complete. */
  get complete(): readonly Uint8Array[] | undefined {
    return this.#done.length === this.#entries.length ? this.#done : undefined
  }

  /** Copies what it needs of `chunk`, from `position` on. @returns the position behind that. */
  read(chunk: Uint8Array, position: number): number {
    let at = position
    while (at < chunk.length && this.complete === undefined) {
      this.#current ??= allocate(this.#length)
      const part = chunk.subarray(at, at + this.#length - this.#filled)
      this.#current.set(part, this.#filled)
      this.#filled += part.length
      at += part.length
      if (this.#filled === this.#current.length) this.#finish(this.#current)
    }
    return at
  }

  get #length(): number {
    return bytesOf(this.#entries[this.#done.length] ?? 0)
  }

  #finish(attachment: Uint8Array): void {
    this.#done.push(attachment)
    this.#current = undefined
    this.#filled = 0
    this.#passPresent()
  }

  #passPresent(): void {
    while (this.complete === undefined) {
      const entry = this.#entries[this.#done.length]
      if (typeof entry === "object") this.#done.push(this.#inSegment(entry))
      else if (entry === 0) this.#done.push(new Uint8Array(0))
      else return
    }
  }

  #inSegment(entry: InSegment): Uint8Array {
    if (this.#lane !== undefined) return this.#lane.take(entry)
    throw new ProtocolViolation("an attachment in shared memory; this connection has none")
  }
}

/** Memory that is not zeroed first: it is handed out only when it was filled. */
function allocate(length: number): Uint8Array {
  const bytes = Buffer.allocUnsafeSlow(length)
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
