import { LinkedList, type Place } from "./linked-list.js"

/** Members by a small number, those of one number in the order in which they came; the ends are found without a search. */
export class Buckets<T> {
  readonly #lists: LinkedList<T>[] = []
  /** Nobody is below the one, or above the other. */
  #lowest = 0
  #highest = 0

  get empty(): boolean {
    return this.#lists[this.#findLowest()] === undefined
  }

  /** How many have this number. */
  count(key: number): number {
    return this.#lists[key]?.size ?? 0
  }

  push(key: number, value: T): Place<T> {
    while (this.#lists.length <= key) this.#lists.push(new LinkedList())
    this.#lowest = Math.min(this.#lowest, key)
    this.#highest = Math.max(this.#highest, key)
    return (this.#lists[key] as LinkedList<T>).push(value)
  }

  /** The first that fits, the lowest first, if it is among the first `looks`. One that is being looked at may leave. */
  find(fits: (value: T) => boolean, looks: number): T | undefined {
    let left = looks
    for (let key = this.#findLowest(); key < this.#lists.length && left > 0; key += 1) {
      const members = this.count(key)
      const found = this.#lists[key]?.find(fits, left)
      if (found !== undefined) return found
      left -= members
    }
    return undefined
  }

  /** The first of those with the highest number. */
  get highest(): T | undefined {
    while (this.#highest > 0 && this.count(this.#highest) === 0) this.#highest -= 1
    return this.#lists[this.#highest]?.first
  }

  #findLowest(): number {
    while (this.#lists[this.#lowest]?.size === 0) this.#lowest += 1
    return this.#lowest
  }
}
