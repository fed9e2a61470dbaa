const windowMs = 1000

/** Lets a limited number of lines pass in a second, and tells how many it held back once a flood is over. */
export class FloodGate {
  readonly #limit: number
  readonly #onFloodEnd: (dropped: number) => void
  #windowStart = Number.NEGATIVE_INFINITY
  #passed = 0
  #flood = 0
  #calm: NodeJS.Timeout | undefined

  /** Lines held back since the beginning. */
  dropped = 0

  constructor(limit: number, onFloodEnd: (dropped: number) => void) {
    this.#limit = limit
    this.#onFloodEnd = onFloodEnd
  }

  /** Whether one more line may pass. `now` is monotonic, in milliseconds. */
  admit(now: number): boolean {
    if (now - this.#windowStart >= windowMs) {
      this.#windowStart = now
      this.#passed = 0
    }
    if (this.#passed < this.#limit) {
      this.#passed += 1
      return true
    }
    this.dropped += 1
    this.#flood += 1
    if (this.#calm) this.#calm.refresh()
    else this.#calm = setTimeout(() => this.end(), windowMs).unref()
    return false
  }

  /** Nothing more will come. */
  end(): void {
    clearTimeout(this.#calm)
    this.#calm = undefined
    const dropped = this.#flood
    this.#flood = 0
    if (dropped > 0) this.#onFloodEnd(dropped)
  }
}
