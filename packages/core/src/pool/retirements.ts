import type { Worker } from "../worker/worker.js"
import { PendingCall } from "./calls/pending-call.js"

/** Workers that get nothing new, and may go when nobody waits for them any more. */
export class Retirements {
  readonly #leaving = new Map<Worker, () => void>()
  readonly #strictSessionsOf: (worker: Worker) => number

  /** @param strictSessionsOf sessions that cannot go elsewhere. */
  constructor(strictSessionsOf: (worker: Worker) => number) {
    this.#strictSessionsOf = strictSessionsOf
  }

  /** Resolves when the worker has nothing to do for anybody, or is gone. */
  wait(worker: Worker): Promise<void> {
    return new Promise((resolve) => {
      const before = this.#leaving.get(worker)
      this.#leaving.set(worker, () => {
        before?.()
        resolve()
      })
      this.check(worker)
    })
  }

  has(worker: Worker): boolean {
    return this.#leaving.has(worker)
  }

  /** Something that the worker had to do may have ended. */
  check(worker: Worker | undefined): void {
    if (this.#leaving.size === 0 || worker === undefined || !this.#leaving.has(worker)) return
    if (worker.state === "stopped" || !this.#isNeeded(worker)) this.gone(worker)
  }

  checkAll(): void {
    for (const worker of [...this.#leaving.keys()]) this.check(worker)
  }

  gone(worker: Worker): void {
    this.#leaving.get(worker)?.()
    this.#leaving.delete(worker)
  }

  /** What was given up by its caller does not count: whoever ends the worker gives it time to stop. */
  #isNeeded(worker: Worker): boolean {
    if (this.#strictSessionsOf(worker) > 0) return true
    return worker.connection
      .unanswered()
      .some(({ listener }) => listener instanceof PendingCall && !listener.settled)
  }
}
