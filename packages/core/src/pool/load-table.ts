/** What the table needs to know of a worker. */
export interface Loaded {
  /** Top-level calls without an answer. */
  readonly load: number
  /** How many of them have not started. */
  readonly waiting: number
}

/** Live workers, sorted into buckets by load, so that the least loaded one is found without a search. */
export class LoadTable<W extends Loaded> {
  readonly #buckets: Set<W>[] = []
  readonly #entries = new Map<W, { load: number; waiting: number }>()
  #waiting = 0
  /** No bucket below this one has a worker. */
  #lowest = 0

  get size(): number {
    return this.#entries.size
  }

  /** Calls that were sent to a worker and wait there behind another one. */
  get waiting(): number {
    return this.#waiting
  }

  has(worker: W): boolean {
    return this.#entries.has(worker)
  }

  workers(): Iterable<W> {
    return this.#entries.keys()
  }

  /** Workers without any call. */
  get idle(): number {
    return this.#buckets[0]?.size ?? 0
  }

  add(worker: W): void {
    this.#entries.set(worker, { load: worker.load, waiting: worker.waiting })
    this.#enter(worker)
    this.#waiting += worker.waiting
  }

  remove(worker: W): void {
    const entry = this.#entries.get(worker)
    if (entry === undefined) return
    this.#entries.delete(worker)
    this.#buckets[entry.load]?.delete(worker)
    this.#waiting -= entry.waiting
  }

  /** To be called after a worker's load changed. */
  update(worker: W): void {
    const entry = this.#entries.get(worker)
    if (entry === undefined) return
    this.#waiting += worker.waiting - entry.waiting
    entry.waiting = worker.waiting
    if (entry.load === worker.load) return
    this.#buckets[entry.load]?.delete(worker)
    entry.load = worker.load
    this.#enter(worker)
  }

  /** The least loaded worker that fits, of equals the one longest at its load. */
  findLeastLoaded(fits: (worker: W) => boolean): W | undefined {
    if (this.#entries.size === 0) return undefined
    while (this.#buckets[this.#lowest]?.size === 0) this.#lowest += 1
    for (let load = this.#lowest; load < this.#buckets.length; load += 1) {
      for (const worker of this.#bucket(load)) if (fits(worker)) return worker
    }
    return undefined
  }

  /** The worker with the most calls, if any has one. */
  mostLoaded(): W | undefined {
    for (let load = this.#buckets.length - 1; load > 0; load -= 1) {
      const bucket = this.#buckets[load]
      if (bucket !== undefined && bucket.size > 0) return bucket.values().next().value
    }
    return undefined
  }

  #enter(worker: W): void {
    this.#bucket(worker.load).add(worker)
    this.#lowest = Math.min(this.#lowest, worker.load)
  }

  #bucket(load: number): Set<W> {
    while (this.#buckets.length <= load) this.#buckets.push(new Set())
    return this.#buckets[load] as Set<W>
  }
}
