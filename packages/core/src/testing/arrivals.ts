import type { ChunkFrame } from "../protocol/frame.js"

/** Chunks of a stream between the connection they come from and the one consumer who takes them. */
export class Arrivals {
  readonly #chunks: ChunkFrame[] = []
  #last: { readonly value: unknown } | undefined
  #failure: Error | undefined
  #ended = false
  #wake = (): void => {}

  add(chunk: ChunkFrame): void {
    this.#chunks.push(chunk)
    this.#wake()
  }

  /** The final chunk has come: it holds a value, unless the stream only ends with it. */
  finish({ value, meta }: ChunkFrame): void {
    if (value === null && meta?.synthetic_final === "true") this.#end()
    else this.end(value)
  }

  /** The stream ends with a value. */
  end(value: unknown): void {
    this.#last = { value }
    this.#end()
  }

  fail(error: Error): void {
    this.#failure = error
    this.#end()
  }

  /** The values, in order. @param onTaken called for each chunk that more may follow. */
  async *taken(onTaken: (chunk: ChunkFrame) => void): AsyncGenerator<unknown, void> {
    for (;;) {
      const chunk = this.#chunks.shift()
      if (chunk !== undefined) {
        onTaken(chunk)
        yield chunk.value
      } else if (this.#ended) {
        if (this.#failure !== undefined) throw this.#failure
        if (this.#last !== undefined) yield this.#last.value
        return
      } else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve
        })
      }
    }
  }

  #end(): void {
    this.#ended = true
    this.#wake()
  }
}
