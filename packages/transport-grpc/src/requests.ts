import { create } from "@bufbuild/protobuf"
import { type FrameBatch, FrameBatchSchema } from "./gen/snakepit/v1/worker_pb.js"

/** What one message carries at most. */
const pieceBytes = 512 * 1024

const end = { done: true as const, value: undefined }

/** The messages that are to be sent; whoever sends them asks for the next one when the last one has left. */
export class Requests implements AsyncIterable<FrameBatch> {
  #bytes: Uint8Array[] = []
  #onTaken: (() => void) | undefined
  #ended = false
  #asked: ((result: IteratorResult<FrameBatch, undefined>) => void) | undefined

  /** Queues bytes that belong together. Must be called only when the last `onTaken` was. */
  add(bytes: Uint8Array[], onTaken: () => void): void {
    this.#bytes = bytes
    this.#onTaken = onTaken
    this.#answer()
  }

  /** There will be no more. */
  end(): void {
    this.#ended = true
    this.#answer()
  }

  [Symbol.asyncIterator](): AsyncIterator<FrameBatch, undefined> {
    return {
      next: () =>
        new Promise((resolve) => {
          this.#asked = resolve
          this.#settle()
          this.#answer()
        }),
      // Whoever sends has failed: what is queued goes nowhere.
      throw: async () => {
        this.#bytes = []
        this.#settle()
        return end
      },
    }
  }

  /** Everything that was queued has left. */
  #settle(): void {
    if (this.#bytes.length > 0) return
    const onTaken = this.#onTaken
    this.#onTaken = undefined
    onTaken?.()
  }

  #answer(): void {
    const asked = this.#asked
    if (asked === undefined || (this.#bytes.length === 0 && !this.#ended)) return
    this.#asked = undefined
    asked(this.#bytes.length === 0 ? end : { done: false, value: this.#next() })
  }

  #next(): FrameBatch {
    const pieces: Uint8Array[] = []
    let size = 0
    while (size < pieceBytes && this.#bytes.length > 0) {
      const [first, ...rest] = this.#bytes as [Uint8Array, ...Uint8Array[]]
      const part = first.subarray(0, pieceBytes - size)
      this.#bytes = part.length === first.length ? rest : [first.subarray(part.length), ...rest]
      pieces.push(part)
      size += part.length
    }
    const [only] = pieces
    return create(FrameBatchSchema, {
      frames: pieces.length === 1 && only !== undefined ? only : Buffer.concat(pieces, size),
    })
  }
}
