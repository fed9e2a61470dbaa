/** Random numbers that a seed gives again, in the same order. */
export class Random {
  #state: number

  /** @param seed an integer of 32 bits. */
  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** From 0 up to 1. */
  next(): number {
    // Splitmix: a counter whose bits are mixed twice, so that neighbouring seeds have nothing in common.
    this.#state = (this.#state + 0x9e3779b9) >>> 0
    let mixed = this.#state
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad)
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97)
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32
  }

  /** An integer from `least` to `most`. */
  integer(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1))
  }

  chance(probability: number): boolean {
    return this.next() < probability
  }

  pick<T>(items: readonly T[]): T {
    const item = items[this.integer(0, items.length - 1)]
    if (item === undefined) throw new RangeError("there is nothing to pick from")
    return item
  }

  shuffled<T>(items: readonly T[]): T[] {
    const drawn = items.map((item) => ({ item, at: this.next() }))
    return drawn.sort((a, b) => a.at - b.at).map(({ item }) => item)
  }
}

/** The seed that `SNAKEPIT_SEED` asks for, or a new one. */
export function chosenSeed(): number {
  const given = process.env.SNAKEPIT_SEED
  return given === undefined || given === "" ? Math.floor(Math.random() * 2 ** 31) : Number(given)
}
