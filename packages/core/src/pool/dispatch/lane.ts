import { Heap } from "../../collections/heap.js"
import { LinkedList, type Tally } from "../../collections/linked-list.js"
import type { PendingCall } from "../calls/pending-call.js"

/** Waiting calls of one priority, the oldest first. */
export class Lane {
  /** Each came as the youngest of these. */
  readonly #inOrder: LinkedList<PendingCall>
  /** All others: they have waited elsewhere. */
  readonly #returned: Heap<PendingCall>
  /** Times in a row that a call of a higher priority went first. */
  passes = 0

  constructor(tally: Tally) {
    this.#inOrder = new LinkedList(tally)
    this.#returned = new Heap((a, b) => a.acceptedAt - b.acceptedAt, tally)
  }

  get empty(): boolean {
    return this.#inOrder.first === undefined && this.#returned.first === undefined
  }

  get first(): PendingCall | undefined {
    const inOrder = this.#inOrder.first
    const returned = this.#returned.first
    if (inOrder === undefined || returned === undefined) return inOrder ?? returned
    return inOrder.acceptedAt < returned.acceptedAt ? inOrder : returned
  }

  add(call: PendingCall): void {
    // Nobody was passed over where nobody was.
    if (this.empty) this.passes = 0
    const { last } = this.#inOrder
    const isYoungest = last === undefined || last.acceptedAt <= call.acceptedAt
    call.queued = isYoungest ? this.#inOrder.push(call) : this.#returned.push(call)
  }

  /** In no order. */
  toArray(): PendingCall[] {
    return [...this.#returned.toArray(), ...this.#inOrder.toArray()]
  }
}
