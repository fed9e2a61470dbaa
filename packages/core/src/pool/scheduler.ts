import type { Loaded, LoadTable } from "./load-table.js"

/** A worker whose running call has lasted this long gets nothing sent ahead: what waits there, waits for long. */
export const stallMs = 5

/** What the scheduler looks at. */
export interface Schedulable extends Loaded {
  readonly concurrency: number
  readonly canRecall: boolean
  /** What it was sent has left; a congested one gets nothing ahead of time. */
  readonly writable: boolean
  /** When its oldest call started, on the clock of `now`. */
  readonly headSince: number
}

/** How many calls a worker may hold, started or not. */
export function capacity(worker: Schedulable, maxInFlight: number): number {
  return worker.canRecall && worker.writable ? worker.concurrency * maxInFlight : worker.concurrency
}

export function isIdle(worker: Schedulable): boolean {
  return worker.load < worker.concurrency
}

export function isStalled(worker: Schedulable, now: number): boolean {
  return !isIdle(worker) && now - worker.headSince > stallMs
}

/** Idle, or with room for one more that will not wait for long. */
export function hasRoom(worker: Schedulable, maxInFlight: number, now: number): boolean {
  return isIdle(worker) || (worker.load < capacity(worker, maxInFlight) && !isStalled(worker, now))
}

/**
 * Who gets the next call: the preferred worker when it has room, else the least loaded that has: an idle one, or one
 * that answers quickly. `undefined`: the call waits in the queue.
 */
export function chooseWorker<W extends Schedulable>(
  table: LoadTable<W>,
  preferred: W | undefined,
  maxInFlight: number,
  now: number,
  mayServe: (worker: W) => boolean = everyone,
): W | undefined {
  if (preferred !== undefined && hasRoom(preferred, maxInFlight, now) && mayServe(preferred)) return preferred
  return table.findLeastLoaded((worker) => hasRoom(worker, maxInFlight, now) && mayServe(worker))
}

const everyone = (): boolean => true

/** A worker has nothing to do: whom it relieves, and of how many calls. Half, so that calls do not go back and forth. */
export function chooseVictim<W extends Schedulable>(
  table: LoadTable<W>,
): { victim: W; calls: number } | undefined {
  const victim = table.mostLoaded()
  if (victim === undefined || victim.waiting === 0 || !victim.canRecall) return undefined
  return { victim, calls: Math.ceil(victim.waiting / 2) }
}

/** Workers that hold waiting calls back while another one could serve them. */
export function stalledWorkers<W extends Schedulable>(table: LoadTable<W>, now: number): W[] {
  const stalled: W[] = []
  let othersMove = false
  for (const worker of table.workers()) {
    if (!isStalled(worker, now)) othersMove = true
    else if (worker.waiting > 0) stalled.push(worker)
  }
  return othersMove ? stalled : []
}
