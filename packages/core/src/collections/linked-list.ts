/** A member's place in a list. Whoever keeps it can leave at once. */
export class Place<T> {
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

  /** Leaves the list. @returns false when that had happened before. */
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
  #size = 0

  get size(): number {
    return this.#size
  }

  get first(): T | undefined {
    return this.#first?.value
  }

  push(value: T): Place<T> {
    return this.#link(value, this.#last, undefined)
  }

  /** Joins before the first member that is to come after `value`. Walks past those that are not. */
  insert(value: T, comesAfter: (other: T) => boolean): Place<T> {
    let next = this.#first
    while (next !== undefined && !comesAfter(next.value)) next = next.next
    return this.#link(value, next === undefined ? this.#last : next.previous, next)
  }

  /** The first member that fits. */
  find(fits: (value: T) => boolean): T | undefined {
    for (let place = this.#first; place !== undefined; place = place.next) {
      if (fits(place.value)) return place.value
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
    this.#size -= 1
  }

  #link(value: T, previous: Place<T> | undefined, next: Place<T> | undefined): Place<T> {
    const place = new Place(value, this)
    place.previous = previous
    place.next = next
    if (previous === undefined) this.#first = place
    else previous.next = place
    if (next === undefined) this.#last = place
    else next.previous = place
    this.#size += 1
    return place
  }
}
