import { LinkedList, type Place } from "../collections/linked-list.js"

/** What the table needs to know of a worker. */
export interface Loaded {
  /** Top-level calls without an answer. */
  readonly load: number
  /** How many of them have not started. */
  readonly waiting: number
}

/** A worker's load as the table knows it. */
interface Entry<W> {
  load: number
  waiting: number
  place: Place<W>
}

/** Live workers, sorted into buckets by load, so that the least loaded one is found without a search. */
export class LoadTable<W extends Loaded> {
  readonly #buckets: LinkedList<W>[] = []
  readonly #entries = new Map<W, Entry<W>>()
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
    const { load, waiting } = worker
    this.#entries.set(worker, { load, waiting, place: this.#enter(worker) })
    this.#waiting += worker.waiting
  }

  remove(worker: W): void {
    const entry = this.#entries.get(worker)
    if (entry === undefined) return
    this.#entries.delete(worker)
    entry.place.leave()
    this.#waiting -= entry.waiting
  }

  /** To be called after a worker's load changed. */
  update(worker: W): void {
    const entry = this.#entries.get(worker)
    if (entry === undefined) return
    this.#waiting += worker.waiting - entry.waiting
    entry.waiting = worker.waiting
    if (entry.load === worker.load) return
    entry.load = worker.load
    entry.place.leave()
    entry.place = this.#enter(worker)
  }

  /** The least loaded worker that fits, of equals the one longest at its load. */
  findLeastLoaded(fits: (worker: W) => boolean): W | undefined {
    if (this.#entries.size === 0) return undefined
    while (this.#buckets[this.#lowest]?.size === 0) this.#lowest += 1
    for (let load = this.#lowest; load < this.#buckets.length; load += 1) {
      const worker = this.#bucket(load).find(fits)
      if (worker !== undefined) return worker
    }
    return undefined
  }

  /** The worker with the most calls, if any has one. */
  mostLoaded(): W | undefined {
    for (let load = this.#buckets.length - 1; load > 0; load -= 1) {
      const worker = this.#buckets[load]?.first
      if (worker !== undefined) return worker
    }
    return undefined
  }

  #enter(worker: W): Place<W> {
    this.#lowest = Math.min(this.#lowest, worker.load)
    return this.#bucket(worker.load).push(worker)
  }

  #bucket(load: number): LinkedList<W> {
    const bucket = this.#buckets[load]
    if (bucket !== undefined) return bucket
    this.#buckets.push(new LinkedList())
    return this.#bucket(load)
  }
}
