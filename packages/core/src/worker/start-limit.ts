import { startTimer } from "../process/timer.js"

/**
 * What ends a start early. It keeps no program alive. The system keeps a signal made by `AbortSignal.any` for as long as somebody listens to it,
 * and with it whatever the listener knows; this one goes with the start.
 */
export class StartLimit {
  timedOut = false
  readonly #controller = new AbortController()
  readonly #givenUp: AbortSignal
  readonly #abort = (): void => this.#controller.abort()
  readonly #timer: NodeJS.Timeout | undefined

  constructor(givenUp: AbortSignal, timeoutMs: number) {
    this.#givenUp = givenUp
    if (givenUp.aborted) this.#abort()
    else givenUp.addEventListener("abort", this.#abort, { once: true })
    this.#timer = startTimer(timeoutMs, () => {
      this.timedOut = true
      this.#abort()
    })?.unref()
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  get givenUp(): boolean {
    return this.#givenUp.aborted
  }

  forget(): void {
    clearTimeout(this.#timer)
    this.#givenUp.removeEventListener("abort", this.#abort)
  }
}
