import { Buckets } from "../../collections/buckets.js"
import { LinkedList, type Place } from "../../collections/linked-list.js"

/** What the table needs to know of a worker. */
export interface Loaded {
  /** Top-level calls without an answer. */
  readonly load: number
  /** How many of them have not started. */
  readonly waiting: number
  /** Calls it runs at a time; may become fewer. */
  readonly concurrency: number
  /** When its oldest call started. */
  readonly headSince: number
  /** Takes calls. */
  readonly live: boolean
}

/** A worker as the table knows it. */
interface Entry<W> {
  load: number
  waiting: number
  concurrency: number
  /** It had no room when it was last looked at. */
  shut: boolean
  place: Place<W>
  /** Its place among those behind whose calls others wait. */
  behind: Place<W> | undefined
}

/** Workers looked at for one decision, at most, of those that are idle, and of those that are not. */
export const maxLooks = 8

/** Would start one more call at once. */
export function isIdle(worker: Loaded): boolean {
  return worker.load < worker.concurrency && worker.live
}

/**
 * Live workers, sorted so that whom to send a call to is found without a search, however many there are. Each kind is
 * sorted by what a call would find there, and of equals whoever has been so for longest comes first.
 */
export class LoadTable<W extends Loaded> {
  readonly #entries = new Map<W, Entry<W>>()
  /** With an idle slot; by load. */
  readonly #idle = new Buckets<W>()
  /** All others; by how many calls wait for each slot. */
  readonly #full = new Buckets<W>()
  /** Those of them that had no room when they were looked at, and have not changed since. */
  readonly #shut = new Buckets<W>()
  readonly #behind = new LinkedList<W>()
  #waiting = 0
  #newestHead = Number.NEGATIVE_INFINITY

  get size(): number {
    return this.#entries.size
  }

  /** Calls that were sent to a worker and wait there behind another one. */
  get waiting(): number {
    return this.#waiting
  }

  /** Workers without any call. */
  get idle(): number {
    return this.#idle.count(0)
  }

  /** Whether some worker could start one more call at once. */
  get hasIdle(): boolean {
    return !this.#idle.empty
  }

  /** When the call that started last, of all that are the oldest of a worker, did. */
  get newestHead(): number {
    return this.#newestHead
  }

  /** Workers where calls wait behind others, but for those that are `settled`. */
  get behind(): LinkedList<W> {
    return this.#behind
  }

  has(worker: W): boolean {
    return this.#entries.has(worker)
  }

  add(worker: W): void {
    const { load, concurrency } = worker
    const place = this.#enter(worker)
    const entry = { load, waiting: 0, concurrency, shut: false, place, behind: undefined }
    this.#entries.set(worker, entry)
    this.#count(worker, entry)
  }

  remove(worker: W): void {
    const entry = this.#entries.get(worker)
    if (entry === undefined) return
    this.#entries.delete(worker)
    entry.place.leave()
    entry.behind?.leave()
    this.#waiting -= entry.waiting
  }

  /** To be called after a worker has changed: it was sent a call, answered, or is not congested any more. */
  update(worker: W): void {
    const entry = this.#entries.get(worker)
    if (entry === undefined) return
    this.#count(worker, entry)
    const { load, concurrency } = worker
    if (!entry.shut && entry.load === load && entry.concurrency === concurrency) return
    entry.load = load
    entry.concurrency = concurrency
    entry.shut = false
    entry.place.leave()
    entry.place = this.#enter(worker)
  }

  /** Nothing can be done about what waits behind this worker's calls until it changes. */
  settle(worker: W): void {
    this.#entries.get(worker)?.behind?.leave()
  }

  /** The least loaded of those with an idle slot that fits. */
  findIdle(fits: (worker: W) => boolean): W | undefined {
    if (this.#idle.empty) return undefined
    return this.#idle.find((worker) => {
      if (isIdle(worker)) return fits(worker)
      this.update(worker)
      return false
    }, maxLooks)
  }

  /** The one that fits and where a call would wait for the fewest. Who has no room is not asked again until it changes. */
  findRoom(hasRoom: (worker: W) => boolean, fits: (worker: W) => boolean): W | undefined {
    return this.#full.find((worker) => {
      if (hasRoom(worker)) return fits(worker)
      this.#shutOut(worker)
      return false
    }, maxLooks)
  }

  /** The worker with the most calls waiting for each slot; none when all workers are idle. */
  get mostLoaded(): W | undefined {
    const [open, shut] = [this.#full.highest, this.#shut.highest]
    if (open === undefined || shut === undefined) return open ?? shut
    return depth(open) < depth(shut) ? shut : open
  }

  #enter(worker: W): Place<W> {
    return isIdle(worker) ? this.#idle.push(worker.load, worker) : this.#full.push(depth(worker), worker)
  }

  #shutOut(worker: W): void {
    const entry = this.#entries.get(worker)
    if (entry === undefined) return
    entry.place.leave()
    entry.shut = true
    entry.place = this.#shut.push(depth(worker), worker)
  }

  #count(worker: W, entry: Entry<W>): void {
    const { waiting } = worker
    this.#newestHead = Math.max(this.#newestHead, worker.headSince)
    this.#waiting += waiting - entry.waiting
    entry.waiting = waiting
    if (waiting === 0) entry.behind?.leave()
    else if (entry.behind?.taken !== true) entry.behind = this.#behind.push(worker)
  }
}

/** How many calls wait for each of its slots. */
function depth({ waiting, concurrency }: Loaded): number {
  return Math.ceil(waiting / Math.max(1, concurrency))
}
