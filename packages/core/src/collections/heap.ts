import type { Leavable, Tally } from "./linked-list.js"

/** A member's place in a heap. */
interface Entry<T> {
  readonly value: T
  /** Tells equals apart: they go in the order in which they came. */
  readonly arrival: number
  at: number
}

/** Members in an order of their own, whatever the order in which they come. To join or leave costs their logarithm. */
export class Heap<T> {
  /** Each is before the two at twice its index, plus one and two. */
  readonly #entries: Entry<T>[] = []
  readonly #compare: (a: T, b: T) => number
  readonly #tally: Tally | undefined
  #arrivals = 0

  /** @param compare negative when `a` comes before `b`. */
  constructor(compare: (a: T, b: T) => number, tally?: Tally) {
    this.#compare = compare
    this.#tally = tally
  }

  get size(): number {
    return this.#entries.length
  }

  get first(): T | undefined {
    return this.#entries[0]?.value
  }

  push(value: T): Leavable {
    const entry = { value, arrival: this.#arrivals, at: -1 }
    this.#arrivals += 1
    this.#put(entry, this.#entries.length)
    this.#rise(entry)
    if (this.#tally !== undefined) this.#tally.count += 1
    return { leave: () => this.#leave(entry) }
  }

  /** All members as they are now, in order. */
  toArray(): T[] {
    return this.#entries.toSorted((a, b) => this.#order(a, b)).map(({ value }) => value)
  }

  #leave(entry: Entry<T>): boolean {
    const { at } = entry
    if (at < 0) return false
    entry.at = -1
    if (this.#tally !== undefined) this.#tally.count -= 1
    const last = this.#entries.pop()
    if (last === undefined || last === entry) return true
    this.#put(last, at)
    this.#rise(last)
    this.#sink(last)
    return true
  }

  #rise(entry: Entry<T>): void {
    while (entry.at > 0) {
      const parent = this.#entries[(entry.at - 1) >> 1]
      if (parent === undefined || this.#order(parent, entry) < 0) return
      this.#swap(parent, entry)
    }
  }

  #sink(entry: Entry<T>): void {
    for (;;) {
      const left = this.#entries[2 * entry.at + 1]
      const right = this.#entries[2 * entry.at + 2]
      if (left === undefined) return
      const child = right !== undefined && this.#order(right, left) < 0 ? right : left
      if (this.#order(entry, child) < 0) return
      this.#swap(entry, child)
    }
  }

  #order(a: Entry<T>, b: Entry<T>): number {
    return this.#compare(a.value, b.value) || a.arrival - b.arrival
  }

  #swap(above: Entry<T>, below: Entry<T>): void {
    const { at } = above
    this.#put(above, below.at)
    this.#put(below, at)
  }

  #put(entry: Entry<T>, at: number): void {
    entry.at = at
    this.#entries[at] = entry
  }
}
