/** The raw bytes that follow a line. Each attachment gets memory of its own, and only once its bytes begin to come. */
export class AttachmentReader {
  readonly #lengths: readonly number[]
  readonly #done: Uint8Array[] = []
  #current: Uint8Array | undefined
  #filled = 0

  constructor(lengths: readonly number[]) {
    this.#lengths = lengths
    this.#passEmpty()
  }

  /** All of them, once they are complete. */
  get complete(): readonly Uint8Array[] | undefined {
    return this.#done.length === this.#lengths.length ? this.#done : undefined
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
    return this.#lengths[this.#done.length] ?? 0
  }

  #finish(attachment: Uint8Array): void {
    this.#done.push(attachment)
    this.#current = undefined
    this.#filled = 0
    this.#passEmpty()
  }

  #passEmpty(): void {
    while (this.complete === undefined && this.#length === 0) this.#done.push(new Uint8Array(0))
  }
}

/** Memory that is not zeroed first: it is handed out only when it was filled. */
function allocate(length: number): Uint8Array {
  const bytes = Buffer.allocUnsafeSlow(length)
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
