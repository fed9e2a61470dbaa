/** Members of all collections that share it. */
export interface Tally {
  count: number
}

/** What a member can leave. */
export interface Leavable {
  /** @returns false when that had happened before. */
  leave(): boolean
}

/** A member's place in a list. Whoever keeps it can leave at once. */
export class Place<T> implements Leavable {
  /** @internal */
  previous: Place<T> | undefined
  /** @internal */
  next: Place<T> | undefined
  #list: LinkedList<T> | undefined

  /** @internal */
  constructor(
    readonly value: T,
    list: LinkedList<T>,
  ) {
    this.#list = list
  }

  /** Whether the list was not left yet. */
  get taken(): boolean {
    return this.#list !== undefined
  }

  leave(): boolean {
    if (this.#list === undefined) return false
    this.#list.unlink(this)
    this.#list = undefined
    return true
  }
}

/**
 * A list that members join and leave all the time, from anywhere, at a constant cost.
 *
 * For calls, which come and go a hundred thousand times a second, a `Set` or `Map` will not do: each time V8 moves
 * one into a new table the old one points to the new, so once a table has grown old, every table after it, and every
 * call in them, outlives the collection of the young.
 */
export class LinkedList<T> {
  #first: Place<T> | undefined
  #last: Place<T> | undefined
  readonly #tally: Tally | undefined
  #size = 0

  constructor(tally?: Tally) {
    this.#tally = tally
  }

  get size(): number {
    return this.#size
  }

  get first(): T | undefined {
    return this.#first?.value
  }

  get last(): T | undefined {
    return this.#last?.value
  }

  push(value: T): Place<T> {
    const place = new Place(value, this)
    place.previous = this.#last
    if (this.#last === undefined) this.#first = place
    else this.#last.next = place
    this.#last = place
    this.#count(1)
    return place
  }

  /** The first member that fits, of the first `looks`. One that is being looked at may leave. */
  find(fits: (value: T) => boolean, looks = Number.POSITIVE_INFINITY): T | undefined {
    let place = this.#first
    for (let look = 0; look < looks && place !== undefined; look += 1) {
      const { value, next } = place
      if (fits(value)) return value
      place = next
    }
    return undefined
  }

  /** All members as they are now, in order. */
  toArray(): T[] {
    const values: T[] = []
    for (let place = this.#first; place !== undefined; place = place.next) values.push(place.value)
    return values
  }

  /** @internal */
  unlink(place: Place<T>): void {
    const { previous, next } = place
    if (previous === undefined) this.#first = next
    else previous.next = next
    if (next === undefined) this.#last = previous
    else next.previous = previous
    // One that has left must not hold on to those that stay.
    place.previous = undefined
    place.next = undefined
    this.#count(-1)
  }

  #count(change: 1 | -1): void {
    this.#size += change
    if (this.#tally !== undefined) this.#tally.count += change
  }
}
