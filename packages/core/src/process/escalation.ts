import { startTimer } from "./timer.js"

/** SIGTERM first, SIGKILL when the grace is over. */
export class Escalation {
  readonly #signal: (signal: NodeJS.Signals) => void
  #asked = false
  #ended = false
  #killAt = Number.POSITIVE_INFINITY
  #timer: NodeJS.Timeout | undefined

  /** @param signal must be safe to call until `end` was called. */
  constructor(signal: (signal: NodeJS.Signals) => void) {
    this.#signal = signal
  }

  /** Starts the escalation, or brings its end forward. A grace of zero kills at once. */
  start(graceMs: number): void {
    if (graceMs <= 0) this.kill()
    if (graceMs <= 0 || this.#ended) return
    if (!this.#asked) {
      this.#asked = true
      this.#signal("SIGTERM")
    }
    const killAt = performance.now() + graceMs
    if (killAt >= this.#killAt) return
    this.#killAt = killAt
    clearTimeout(this.#timer)
    this.#timer = startTimer(graceMs, () => this.kill())
    this.#timer?.unref()
  }

  kill(): void {
    if (!this.#ended) this.#signal("SIGKILL")
  }

  /** The target is gone: nothing is signalled any more. */
  end(): void {
    this.#ended = true
    clearTimeout(this.#timer)
  }
}
