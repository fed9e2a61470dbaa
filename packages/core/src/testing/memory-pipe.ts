import type { EncodedFrame } from "../protocol/json-frame.js"

/** Who takes what comes out of a pipe. */
export interface PipeReader {
  onBatch(batch: readonly EncodedFrame[]): void
  onEnd(): void
}

/** Encoded frames on their way from one end to the other, all those of one tick together. */
export class MemoryPipe {
  readonly #highWaterMark: number
  readonly #writableListeners: (() => void)[] = []
  #frames: EncodedFrame[] = []
  #bytes = 0
  #congested = false
  #scheduled = false
  #ended = false
  #reader: PipeReader | undefined

  /** @param highWaterMark bytes that may be under way before `writable` turns false. */
  constructor(highWaterMark: number) {
    this.#highWaterMark = highWaterMark
  }

  get writable(): boolean {
    return this.#bytes < this.#highWaterMark
  }

  onWritable(listener: () => void): void {
    this.#writableListeners.push(listener)
  }

  write({ text, attachments, size }: EncodedFrame): void {
    if (this.#ended) return
    // The sender may change its arrays afterwards; over a socket that would change nothing either.
    this.#frames.push({ text, size, attachments: attachments.map((bytes) => new Uint8Array(bytes)) })
    this.#bytes += size
    if (!this.writable) this.#congested = true
    this.#schedule()
  }

  /** Nothing more will come; what was written is still delivered. */
  end(): void {
    this.#ended = true
    this.#schedule()
  }

  /** What was written before waits for its reader. */
  readWith(reader: PipeReader): void {
    this.#reader = reader
    this.#schedule()
  }

  /** Delivers now what is under way. */
  flush(): void {
    const reader = this.#reader
    if (reader === undefined) return
    const batch = this.#frames
    this.#frames = []
    this.#bytes = 0
    if (batch.length > 0) reader.onBatch(batch)
    if (this.#congested && this.writable) {
      this.#congested = false
      for (const listener of this.#writableListeners) listener()
    }
    if (this.#ended) reader.onEnd()
  }

  #schedule(): void {
    if (this.#scheduled || this.#reader === undefined) return
    this.#scheduled = true
    // Two ends that answer each other leave time for timers and sockets between.
    setImmediate(() => {
      this.#scheduled = false
      this.flush()
    })
  }
}
