import { startTimer } from "../../process/timer.js"

/** How long whoever closes waits for others. Each that asks may shorten it, and none lengthens it. */
export class Grace {
  /** Resolves when the time that was given first to end is over. */
  readonly over: Promise<void>
  /** The shortest that anybody gave. */
  ms = Number.POSITIVE_INFINITY
  #endsAt = Number.POSITIVE_INFINITY
  #timer: NodeJS.Timeout | undefined
  #end: () => void = () => {}

  constructor() {
    this.over = new Promise((resolve) => {
      this.#end = resolve
    })
  }

  shorten(ms: number): void {
    this.ms = Math.min(this.ms, ms)
    const endsAt = performance.now() + ms
    if (endsAt >= this.#endsAt) return
    this.#endsAt = endsAt
    clearTimeout(this.#timer)
    this.#timer = startTimer(ms, this.#end)
  }

  /** Nothing is waited for any more. */
  end(): void {
    this.#endsAt = Number.NEGATIVE_INFINITY
    clearTimeout(this.#timer)
    this.#end()
  }
}
