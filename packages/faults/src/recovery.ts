import type { Snakepit } from "@snakepit/core"
import { monotonicMs } from "./run-log.js"

interface Loss {
  readonly pid: number | null
  readonly at: number
}

/** The middle and the end of a list of durations, in milliseconds. */
export interface Percentiles {
  readonly count: number
  readonly p50: number
  readonly p99: number
}

/** Watches a pool of one size: when it loses workers, when it is whole again, when calls succeed. */
export class Recovery {
  readonly #losses: Loss[] = []
  readonly #whole: number[] = []
  readonly #successes: number[] = []
  readonly #pit: Snakepit
  readonly #size: number
  #waiting: (() => void)[] = []

  constructor(pit: Snakepit, size: number) {
    this.#pit = pit
    this.#size = size
    pit.on("snakepit.worker.terminated", ({ metadata }) => {
      this.#losses.push({ pid: metadata.pid, at: monotonicMs() })
      this.#changed()
    })
    pit.on("snakepit.worker.initialized", () => {
      // The worker joins the list right after the event.
      setImmediate(() => {
        if (this.isWhole) this.#whole.push(monotonicMs())
        this.#changed()
      })
    })
  }

  get isWhole(): boolean {
    const { pools } = this.#pit.stats()
    return Object.values(pools).reduce((up, { workers }) => up + workers, 0) === this.#size
  }

  succeeded(): void {
    this.#successes.push(monotonicMs())
  }

  /** Waits until all workers are up, or the time is over. @returns whether they are. */
  whole(timeoutMs: number): Promise<boolean> {
    return this.#until(() => this.isWhole, timeoutMs)
  }

  /** Waits for the end of a process. @returns whether it came in time. */
  lost(pid: number, since: number, timeoutMs: number): Promise<boolean> {
    return this.#until(() => this.#losses.some((loss) => loss.pid === pid && loss.at >= since), timeoutMs)
  }

  /** From each fault until all workers were up again, as far as they were. */
  untilWhole(faults: readonly { readonly pid: number; readonly at: number }[]): Percentiles {
    return percentiles(
      faults.flatMap(({ pid, at }) => {
        const loss = this.#losses.find((other) => other.pid === pid && other.at >= at)
        const whole = loss && this.#whole.find((moment) => moment >= loss.at)
        return whole === undefined ? [] : [whole - at]
      }),
    )
  }

  /** From each fault until a call succeeded. */
  untilSuccess(faults: readonly { readonly at: number }[]): Percentiles {
    return percentiles(
      faults.flatMap(({ at }) => {
        const success = this.#successes.find((moment) => moment >= at)
        return success === undefined ? [] : [success - at]
      }),
    )
  }

  async #until(holds: () => boolean, timeoutMs: number): Promise<boolean> {
    const end = monotonicMs() + timeoutMs
    while (!holds()) {
      const left = end - monotonicMs()
      if (left <= 0) return false
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left)
        this.#waiting.push(() => {
          clearTimeout(timer)
          resolve()
        })
      })
    }
    return true
  }

  #changed(): void {
    for (const wake of this.#waiting.splice(0)) wake()
  }
}

function percentiles(values: readonly number[]): Percentiles {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
  return { count: sorted.length, p50: Math.round(at(0.5)), p99: Math.round(at(0.99)) }
}
