/** Bytes of an unfinished line. Grows by doubling, so that appending costs the same however the bytes were cut. */
export class ByteBuffer {
  #bytes: Buffer = Buffer.alloc(0)
  #length = 0

  get length(): number {
    return this.#length
  }

  append(part: Buffer): void {
    const length = this.#length + part.length
    if (length > this.#bytes.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(length, 2 * this.#bytes.length))
      this.#bytes.copy(grown, 0, 0, this.#length)
      this.#bytes = grown
    }
    part.copy(this.#bytes, this.#length)
    this.#length = length
  }

  /** Everything so far; the buffer is empty afterwards. */
  take(): Buffer {
    const all = this.#bytes.subarray(0, this.#length)
    this.#bytes = Buffer.alloc(0)
    this.#length = 0
    return all
  }
}
