import { LinkedList } from "../collections/linked-list.js"
import type { PendingCall } from "./pending-call.js"

/** Calls of strict sessions that wait for the one worker that may run them, in the order they were accepted. */
export class HeldCalls<W> {
  readonly #byWorker = new Map<W, LinkedList<PendingCall>>()

  get size(): number {
    let size = 0
    for (const calls of this.#byWorker.values()) size += calls.size
    return size
  }

  first(worker: W): PendingCall | undefined {
    return this.#byWorker.get(worker)?.first
  }

  /** Adds the newest call of all. */
  push(worker: W, call: PendingCall): void {
    call.queued = this.#callsOf(worker).push(call)
  }

  /** Adds a call that has waited elsewhere. */
  insert(worker: W, call: PendingCall): void {
    call.queued = this.#callsOf(worker).insert(call, (other) => other.acceptedAt > call.acceptedAt)
  }

  /** @returns the calls that were waiting for it. */
  forgetWorker(worker: W): PendingCall[] {
    const calls = this.#byWorker.get(worker)?.toArray() ?? []
    this.#byWorker.delete(worker)
    return calls
  }

  #callsOf(worker: W): LinkedList<PendingCall> {
    const calls = this.#byWorker.get(worker) ?? new LinkedList()
    this.#byWorker.set(worker, calls)
    return calls
  }
}
