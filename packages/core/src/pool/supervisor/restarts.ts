import { backoffDelay } from "./backoff.js"
import type { RestartPolicy } from "./policies.js"

/** The latest failures of all workers of a pool. Times are those of `performance.now()`. */
export class RecentFailures {
  readonly #policy: RestartPolicy
  /** The last few: one more than may be replaced at once. */
  readonly #times: number[] = []

  constructor(policy: RestartPolicy) {
    this.#policy = policy
  }

  add(now: number): void {
    this.#times.push(now)
    if (this.#times.length > this.#policy.intensity + 1) this.#times.shift()
  }

  /** There were more of them within the period than are replaced at once. */
  tooMany(now: number): boolean {
    const [oldest] = this.#times
    if (oldest === undefined || this.#times.length <= this.#policy.intensity) return false
    return now - oldest < this.#policy.periodMs
  }
}

/** When one slot of a pool may start its next worker. */
export class Restarts {
  readonly #policy: RestartPolicy
  readonly #recent: RecentFailures
  readonly #random: () => number
  #waits = 0
  #upSince: number | undefined

  constructor(policy: RestartPolicy, recent: RecentFailures, random: () => number = Math.random) {
    this.#policy = policy
    this.#recent = recent
    this.#random = random
  }

  /** Its worker is up. One that relieves another is no new beginning. */
  succeeded(now: number): void {
    this.#upSince ??= now
  }

  /**
   * Its worker has ended, or could not start, which is never tried again at once.
   * @returns how long to wait before the next start; 0: not at all.
   */
  failed(now: number, cause: "ended" | "not started"): number {
    if (this.#upSince !== undefined && now - this.#upSince >= this.#policy.periodMs) this.#waits = 0
    this.#upSince = undefined
    this.#recent.add(now)
    if (cause === "ended" && this.#waits === 0 && !this.#recent.tooMany(now)) return 0
    const delayMs = backoffDelay(this.#policy, this.#waits, this.#random())
    this.#waits += 1
    return delayMs
  }
}
