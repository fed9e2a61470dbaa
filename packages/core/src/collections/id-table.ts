interface Numbered {
  readonly id: number
}

const initialSlots = 64

/**
 * Things by their number, for numbers that come and go (why not a `Map`: see `LinkedList`). Open addressing in one
 * array: numbers given out in a row hardly ever meet.
 */
export class IdTable<T extends Numbered> {
  #slots: (T | undefined)[] = new Array(initialSlots).fill(undefined)
  #size = 0

  get size(): number {
    return this.#size
  }

  get(id: number): T | undefined {
    return this.#slots[this.#find(id)]
  }

  has(id: number): boolean {
    return this.get(id) !== undefined
  }

  /** Its id must not be in the table yet. */
  add(value: T): void {
    if (2 * (this.#size + 1) > this.#slots.length) this.#grow()
    this.#slots[this.#find(value.id)] = value
    this.#size += 1
  }

  /** @returns what was there. */
  take(id: number): T | undefined {
    const found = this.#find(id)
    const value = this.#slots[found]
    if (value === undefined) return undefined
    this.#size -= 1
    this.#close(found)
    return value
  }

  clear(): void {
    this.#slots = new Array(initialSlots).fill(undefined)
    this.#size = 0
  }

  /** In the order of their numbers. */
  toArray(): T[] {
    return this.#slots.filter((value) => value !== undefined).sort((a, b) => a.id - b.id)
  }

  /** Where the number is, or would be put. */
  #find(id: number): number {
    const mask = this.#slots.length - 1
    let at = id & mask
    for (let value = this.#slots[at]; value !== undefined && value.id !== id; value = this.#slots[at]) {
      at = (at + 1) & mask
    }
    return at
  }

  /** Fills the gap with what would not be found behind it. */
  #close(gap: number): void {
    const slots = this.#slots
    const mask = slots.length - 1
    let empty = gap
    for (let at = (gap + 1) & mask; ; at = (at + 1) & mask) {
      const value = slots[at]
      if (value === undefined) break
      const home = value.id & mask
      if (((at - home) & mask) < ((at - empty) & mask)) continue
      slots[empty] = value
      empty = at
    }
    slots[empty] = undefined
  }

  #grow(): void {
    const values = this.#slots
    this.#slots = new Array(2 * values.length).fill(undefined)
    for (const value of values) if (value !== undefined) this.#slots[this.#find(value.id)] = value
  }
}
