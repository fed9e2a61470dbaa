import type { BreakerState } from "../../telemetry/events.js"
import type { BreakerPolicy } from "./policies.js"

/**
 * Refuses calls for a while after too many failures in a row: workers that crashed during a call, or could not start.
 * Then it lets some calls through; the first of them that is answered closes it, a failure opens it again.
 * Times are those of `performance.now()`.
 */
export class Breaker {
  readonly #policy: BreakerPolicy
  readonly #onState: (state: BreakerState) => void
  readonly #trials = new Set<object>()
  #state: BreakerState = "closed"
  #failures = 0
  #openedAt = 0

  constructor(policy: BreakerPolicy, onState: (state: BreakerState) => void = () => {}) {
    this.#policy = policy
    this.#onState = onState
  }

  get state(): BreakerState {
    return this.#state
  }

  /** When a call should come again, in milliseconds from now; `undefined`: it would be let through. */
  refusal(now: number): number | undefined {
    const { cooldownMs, halfOpen } = this.#policy
    if (this.#state === "half_open") return this.#trials.size < halfOpen ? undefined : cooldownMs
    const left = this.#openedAt + cooldownMs - now
    return this.#state === "open" && left > 0 ? Math.ceil(left) : undefined
  }

  /** A call that was let through is accepted. */
  accepted(call: object): void {
    if (this.#state === "closed") return
    this.#become("half_open")
    this.#trials.add(call)
  }

  /** A worker has answered a call, be it with an error of the tool. */
  answered(call: object): void {
    this.#failures = this.#state === "closed" ? 0 : this.#failures
    if (this.#trials.has(call)) this.#become("closed")
  }

  /** A call has ended, and if nothing was said of its worker, another one may try. */
  ended(call: object): void {
    this.#trials.delete(call)
  }

  /** A worker crashed during a call, or could not start. */
  failed(now: number): void {
    this.#failures += 1
    if (this.#state === "closed" && this.#failures < this.#policy.failures) return
    // While it is open, what fails is what was accepted before.
    if (this.#state === "open") return
    this.#openedAt = now
    this.#become("open")
  }

  #become(state: BreakerState): void {
    if (this.#state === state) return
    this.#state = state
    this.#trials.clear()
    if (state === "closed") this.#failures = 0
    this.#onState(state)
  }
}
