import { LinkedList } from "../collections/linked-list.js"
import type { OutgoingCall } from "../connection/outgoing-call.js"

/** The unanswered top-level calls of one worker, oldest first, and what is known of those that have started. */
export class CallLine {
  /** When the oldest call became the oldest. */
  headSince = 0
  readonly #slots: number
  readonly #startedUpTo: () => number | undefined
  readonly #calls = new LinkedList<OutgoingCall>()
  readonly #stuck = new Set<OutgoingCall>()

  /**
   * @param slots calls that the worker runs at a time.
   * @param startedUpTo the id of the newest call that has started, if the worker tells.
   */
  constructor(slots: number, startedUpTo: () => number | undefined) {
    this.#slots = slots
    this.#startedUpTo = startedUpTo
  }

  get size(): number {
    return this.#calls.size
  }

  /** Calls that can run at a time. */
  get concurrency(): number {
    return this.#slots - this.#stuck.size
  }

  get waiting(): number {
    return Math.max(0, this.#calls.size - this.concurrency)
  }

  get head(): OutgoingCall | undefined {
    return this.#calls.first
  }

  /** Calls that were written off and have not ended. */
  get stuck(): number {
    return this.#stuck.size
  }

  push(call: OutgoingCall): void {
    if (this.#calls.size === 0) this.headSince = performance.now()
    call.place = this.#calls.push(call)
  }

  /** It was answered. What was written off gives its slot back, late as it is. */
  leave(call: OutgoingCall): void {
    if (call === this.head) this.headSince = performance.now()
    call.place?.leave()
    this.#stuck.delete(call)
  }

  /** Counts on neither the call nor the slot that it holds any more. */
  writeOff(call: OutgoingCall): void {
    if (call.place?.taken !== true) return
    this.leave(call)
    this.#stuck.add(call)
  }

  /** Those that are still behind others, oldest first. */
  notStarted(): OutgoingCall[] {
    const calls = this.#calls.toArray()
    const startedUpTo = this.#startedUpTo()
    if (startedUpTo !== undefined) return calls.filter((call) => call.id > startedUpTo)
    return calls.slice(this.concurrency)
  }

  /** Whether it may have started. */
  hasStarted(call: OutgoingCall): boolean {
    const startedUpTo = this.#startedUpTo()
    if (startedUpTo !== undefined) return call.id <= startedUpTo
    if (this.#stuck.has(call)) return true
    const { concurrency } = this
    let ahead = 0
    const last = this.#calls.find((other) => other === call || ++ahead >= concurrency)
    return last === call
  }

  /** Whether it is certain that the call has ended in the worker, though its answer did not come. */
  hasEnded(call: OutgoingCall): boolean {
    const startedUpTo = this.#startedUpTo()
    return this.#slots === 1 && startedUpTo !== undefined && call.id < startedUpTo
  }
}
