import type { Duplex } from "node:stream"
import type { EncodedBytes } from "./codec.js"
import { isSmall, Pieces } from "./pieces.js"

/** Gathers what is sent in one tick and writes it at once; large attachments are written right away, uncopied. */
export class Outbox {
  readonly #stream: Duplex
  readonly #highWaterMark: number
  readonly #onWritable: () => void
  readonly #pieces = new Pieces()
  #queued = 0
  #scheduled = false
  #congested = false

  /** @param onWritable called when what is queued has fallen below `highWaterMark` bytes again. */
  constructor(stream: Duplex, highWaterMark: number, onWritable: () => void) {
    this.#stream = stream
    // Below its own mark a stream does not say when it has drained.
    this.#highWaterMark = Math.max(highWaterMark, stream.writableHighWaterMark)
    this.#onWritable = onWritable
    stream.on("drain", () => this.#relieve())
  }

  get writable(): boolean {
    return this.#queued + this.#stream.writableLength < this.#highWaterMark
  }

  add({ head, attachments, size }: EncodedBytes): void {
    this.#pieces.add(head)
    const large = attachments.length > 0 && this.#attach(attachments)
    this.#queued += size
    if (!this.writable) this.#congested = true
    if (large) return this.flush()
    if (this.#scheduled) return
    this.#scheduled = true
    process.nextTick(() => this.flush())
  }

  /** Whoever sends may change or transfer the memory as soon as this returns. @returns whether some is large. */
  #attach(attachments: readonly Uint8Array[]): boolean {
    let large = false
    for (const bytes of attachments) {
      if (bytes.byteLength === 0) continue
      const small = isSmall(bytes)
      this.#pieces.add(small ? new Uint8Array(bytes) : bytes)
      large ||= !small
    }
    return large
  }

  flush(): void {
    const pieces = this.#pieces.take()
    this.#scheduled = false
    this.#queued = 0
    if (!this.#stream.writable) return
    this.#write(pieces)
    this.#relieve()
  }

  #write(pieces: readonly (string | Uint8Array)[]): void {
    if (pieces.length > 1) this.#stream.cork()
    for (const piece of pieces) this.#stream.write(piece)
    if (pieces.length > 1) this.#stream.uncork()
  }

  #relieve(): void {
    if (!this.#congested || !this.writable) return
    this.#congested = false
    this.#onWritable()
  }
}
