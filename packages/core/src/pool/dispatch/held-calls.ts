import type { Tally } from "../../collections/linked-list.js"
import type { PendingCall } from "../calls/pending-call.js"
import { CallQueue } from "./call-queue.js"

/** Calls of sessions that wait for one thing each: a worker, or their session. */
export class HeldCalls<Cause> {
  readonly #byCause = new Map<Cause, CallQueue>()
  readonly #tally: Tally

  /** @param tally counts them, too. */
  constructor(tally: Tally) {
    this.#tally = tally
  }

  /** Those that wait for this, if any ever has. */
  waitingFor(cause: Cause): CallQueue | undefined {
    return this.#byCause.get(cause)
  }

  add(cause: Cause, call: PendingCall): void {
    const queue = this.#byCause.get(cause) ?? new CallQueue(this.#tally)
    this.#byCause.set(cause, queue)
    queue.add(call)
  }

  /** Forgets a cause. @returns the calls that were waiting for it. */
  take(cause: Cause): PendingCall[] {
    const calls = this.#byCause.get(cause)?.clear() ?? []
    this.#byCause.delete(cause)
    return calls
  }

  /** The next call that is right, if its cause is among the first `looks`; those come last the next time. */
  nextOf(isRight: (call: PendingCall) => boolean, looks: number): PendingCall | undefined {
    if (this.#byCause.size === 0) return undefined
    let left = looks
    for (const [cause, queue] of this.#byCause) {
      if (left === 0) return undefined
      left -= 1
      this.#byCause.delete(cause)
      const call = queue.next
      if (call === undefined) continue
      this.#byCause.set(cause, queue)
      if (isRight(call)) return call
    }
    return undefined
  }
}
