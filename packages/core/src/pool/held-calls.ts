import { LinkedList } from "../collections/linked-list.js"
import type { PendingCall } from "./pending-call.js"

/** Calls of strict sessions that wait for one thing each, a worker for instance, in the order they were accepted. */
export class HeldCalls<Cause> {
  readonly #byCause = new Map<Cause, LinkedList<PendingCall>>()

  get size(): number {
    let size = 0
    for (const calls of this.#byCause.values()) size += calls.size
    return size
  }

  first(cause: Cause): PendingCall | undefined {
    return this.#byCause.get(cause)?.first
  }

  /** Adds the newest call of all. */
  push(cause: Cause, call: PendingCall): void {
    call.queued = this.#callsOf(cause).push(call)
  }

  /** Adds a call that has waited elsewhere. */
  insert(cause: Cause, call: PendingCall): void {
    call.queued = this.#callsOf(cause).insert(call, (other) => other.acceptedAt > call.acceptedAt)
  }

  /** Forgets a cause. @returns the calls that were waiting for it. */
  take(cause: Cause): PendingCall[] {
    const calls = this.#byCause.get(cause)?.toArray() ?? []
    this.#byCause.delete(cause)
    return calls
  }

  /** Forgets all causes. @returns what was waiting for them. */
  takeAll(): PendingCall[] {
    if (this.#byCause.size === 0) return []
    const calls = [...this.#byCause.values()].flatMap((list) => list.toArray())
    this.#byCause.clear()
    return calls
  }

  #callsOf(cause: Cause): LinkedList<PendingCall> {
    const calls = this.#byCause.get(cause) ?? new LinkedList()
    this.#byCause.set(cause, calls)
    return calls
  }
}
