/** Keeps the last bytes of a stream. */
export class ByteTail {
  readonly #limit: number
  #bytes: Buffer = Buffer.alloc(0)
  #cut = false

  constructor(limit: number) {
    this.#limit = limit
  }

  push(chunk: Buffer): void {
    const all = chunk.length < this.#limit ? Buffer.concat([this.#bytes, chunk]) : chunk
    this.#cut ||= all.length > this.#limit
    this.#bytes = Buffer.from(all.subarray(Math.max(0, all.length - this.#limit)))
  }

  /** Whole lines as far as possible: the one that the limit went through is left out. */
  text(): string {
    const text = this.#bytes.toString("utf8")
    return this.#cut ? text.slice(text.indexOf("\n") + 1) : text
  }
}
