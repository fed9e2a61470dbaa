import { isIdle, type Loaded, type LoadTable } from "./load-table.js"

/** A worker whose running call has lasted this long gets nothing sent ahead: what waits there, waits for long. */
export const stallMs = 5

/** What the scheduler looks at. */
export interface Schedulable extends Loaded {
  readonly canRecall: boolean
  /** What it was sent has left; a congested one gets nothing ahead of time. */
  readonly writable: boolean
}

/** How many calls a worker may hold, started or not. */
export function capacity(worker: Schedulable, maxInFlight: number): number {
  return worker.canRecall && worker.writable ? worker.concurrency * maxInFlight : worker.concurrency
}

export function isStalled(worker: Schedulable, now: number): boolean {
  return !isIdle(worker) && now - worker.headSince > stallMs
}

/** Idle, or with room for one more that will not wait for long. */
export function hasRoom(worker: Schedulable, maxInFlight: number, now: number): boolean {
  if (isIdle(worker)) return true
  return worker.load < capacity(worker, maxInFlight) && !isStalled(worker, now) && worker.live
}

/** What a call asks for. */
export interface Wish<W> {
  /** Served its session last. */
  readonly home: W | undefined
  /** Has just changed, so that it may have room although nobody else has. */
  readonly changed: W | undefined
  /** Nothing may be ahead of it: it has lost a worker by waiting behind another call. */
  readonly atOnce: boolean
  mayBe(worker: W): boolean
}

/**
 * Who gets the next call: the worker at home when it has room, else the least loaded that has: an idle one, or one that
 * answers quickly. `undefined`: the call waits in the queue. However many workers there are, few are looked at; so one
 * with room may be missed, but each that is not idle will answer, and then be `changed`.
 */
export function chooseWorker<W extends Schedulable>(
  table: LoadTable<W>,
  { home, changed, atOnce, mayBe }: Wish<W>,
  maxInFlight: number,
  now: number,
): W | undefined {
  const roomIn = (worker: W): boolean => (atOnce ? isIdle(worker) : hasRoom(worker, maxInFlight, now))
  // It may be at home where nothing new is sent.
  if (home !== undefined && table.has(home) && roomIn(home) && mayBe(home)) return home
  const least = table.findIdle(mayBe) ?? (atOnce ? undefined : table.findRoom(roomIn, mayBe))
  if (least !== undefined || changed === undefined) return least
  return table.has(changed) && roomIn(changed) && mayBe(changed) ? changed : undefined
}

/** A worker has nothing to do: whom it relieves, and of how many calls. Half, so that calls do not go back and forth. */
export function chooseVictim<W extends Schedulable>(
  table: LoadTable<W>,
): { victim: W; calls: number } | undefined {
  const victim = table.mostLoaded
  if (victim === undefined || victim.waiting === 0 || !victim.canRecall) return undefined
  return { victim, calls: Math.ceil(victim.waiting / 2) }
}

/** Workers that hold waiting calls back while another one could serve them. */
export function stalledWorkers<W extends Schedulable>(table: LoadTable<W>, now: number): W[] {
  const othersMove = table.hasIdle || now - table.newestHead <= stallMs
  return othersMove ? table.behind.toArray().filter((worker) => isStalled(worker, now)) : []
}
