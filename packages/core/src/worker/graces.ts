import type { OutgoingCall } from "../connection/outgoing-call.js"
import { startTimer } from "../process/timer.js"

/** The time that cancelled calls have to end. Keeps no program alive. */
export class Graces {
  readonly #ms: number
  readonly #onOver: (call: OutgoingCall) => void
  readonly #timers = new Map<OutgoingCall, NodeJS.Timeout>()

  /** @param onOver told once for each start, unless the call has ended before. */
  constructor(ms: number, onOver: (call: OutgoingCall) => void) {
    this.#ms = ms
    this.#onOver = onOver
  }

  /** Nothing happens if it has begun already. */
  start(call: OutgoingCall): void {
    if (this.#timers.has(call)) return
    const timer = startTimer(this.#ms, () => {
      this.#timers.delete(call)
      this.#onOver(call)
    })
    if (timer !== undefined) this.#timers.set(call, timer.unref())
  }

  end(call: OutgoingCall): void {
    const timer = this.#timers.get(call)
    if (timer === undefined) return
    clearTimeout(timer)
    this.#timers.delete(call)
  }

  endAll(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer)
    this.#timers.clear()
  }
}
