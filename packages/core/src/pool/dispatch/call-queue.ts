import type { Tally } from "../../collections/linked-list.js"
import type { PendingCall } from "../calls/pending-call.js"
import { Lane } from "./lane.js"
import { priorities } from "./priority.js"

/** After it was passed over this many times in a row, a call goes ahead of those with a higher priority. */
export const maxPasses = 8

/**
 * Calls that wait for the same thing: those of the highest priority go first, and of equals the oldest; but nobody
 * waits for ever, see `maxPasses`. Whoever keeps a call's `queued` can make it leave.
 */
export class CallQueue {
  readonly #lanes: readonly Lane[]

  constructor(tally: Tally) {
    this.#lanes = priorities.map(() => new Lane(tally))
  }

  get empty(): boolean {
    for (const lane of this.#lanes) if (!lane.empty) return false
    return true
  }

  /** Whoever goes next. */
  get next(): PendingCall | undefined {
    if (this.#overdue !== undefined) return this.#overdue.first
    for (const lane of this.#lanes) if (!lane.empty) return lane.first
    return undefined
  }

  /** A call takes the place that it has by its priority and its age. */
  add(call: PendingCall): void {
    this.#lanes[call.rank]?.add(call)
  }

  /** Lets a call go, past those that wait with a lower priority. */
  take(call: PendingCall): void {
    call.queued?.leave()
    const lane = this.#lanes[call.rank]
    if (lane !== undefined) lane.passes = 0
    this.passOver(call)
  }

  /** A call that waited elsewhere goes first. */
  passOver({ rank }: PendingCall): void {
    for (let lower = rank + 1; lower < this.#lanes.length; lower += 1)
      (this.#lanes[lower] as Lane).passes += 1
  }

  /** Whether its next call goes before that of another queue. */
  isBefore(other: CallQueue): boolean {
    const [mine, theirs] = [this.next, other.next]
    if (mine === undefined || theirs === undefined) return mine !== undefined
    const [urgency, otherUrgency] = [this.#overdue ? -1 : mine.rank, other.#overdue ? -1 : theirs.rank]
    return urgency === otherUrgency ? mine.acceptedAt <= theirs.acceptedAt : urgency < otherUrgency
  }

  /** All calls leave. @returns them, in no order. */
  clear(): PendingCall[] {
    const calls = this.#lanes.flatMap((lane) => lane.toArray())
    for (const call of calls) call.queued?.leave()
    return calls
  }

  /** Those who have been passed over too often. */
  get #overdue(): Lane | undefined {
    let overdue: Lane | undefined
    for (const lane of this.#lanes) if (lane.passes >= maxPasses && !lane.empty) overdue = lane
    return overdue
  }
}
