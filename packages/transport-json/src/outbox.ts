import type { Duplex } from "node:stream"
import type { EncodedFrame } from "@snakepit/core/transport"

/** Gathers what is sent in one tick and writes it at once: lines as one string, attachments without copying them. */
export class Outbox {
  readonly #stream: Duplex
  readonly #highWaterMark: number
  readonly #onWritable: () => void
  /** What comes before `#lines`: lines and the attachments between them. */
  #parts: (string | Uint8Array)[] = []
  #lines = ""
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

  add({ text, attachments, size }: EncodedFrame): void {
    this.#lines += `${text}\n`
    if (attachments.length > 0) this.#attach(attachments)
    this.#queued += size + 1
    if (!this.writable) this.#congested = true
    if (this.#scheduled) return
    this.#scheduled = true
    process.nextTick(() => this.flush())
  }

  flush(): void {
    const lines = this.#lines
    const parts = this.#parts
    this.#scheduled = false
    this.#lines = ""
    this.#queued = 0
    if (!this.#stream.writable) return
    if (parts.length > 0) this.#writeParts(parts)
    if (lines !== "") this.#stream.write(lines)
    this.#relieve()
  }

  #attach(attachments: readonly Uint8Array[]): void {
    this.#parts.push(this.#lines)
    this.#lines = ""
    for (const bytes of attachments) if (bytes.byteLength > 0) this.#parts.push(bytes)
  }

  #writeParts(parts: readonly (string | Uint8Array)[]): void {
    this.#parts = []
    this.#stream.cork()
    for (const part of parts) this.#stream.write(part)
    this.#stream.uncork()
  }

  #relieve(): void {
    if (!this.#congested || !this.writable) return
    this.#congested = false
    this.#onWritable()
  }
}
