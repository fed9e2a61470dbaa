import type { Tally } from "../../collections/linked-list.js"
import type { Worker } from "../../worker/worker.js"
import * as failures from "../calls/failures.js"
import type { PendingCall } from "../calls/pending-call.js"
import { Backlog, type BacklogOptions } from "./backlog.js"
import { isIdle } from "./load-table.js"
import { Roster } from "./roster.js"
import { capacity } from "./scheduler.js"
import { type LostSessions, SessionPlacement } from "./session-placement.js"

export interface DispatcherOptions extends BacklogOptions {
  readonly pool: string
  /** Calls that may wait, in the queue or behind another call. */
  readonly maxQueue: number
  /** Calls a worker may hold per unit of concurrency. */
  readonly maxInFlight: number
}

/** Brings calls and workers together: the queue, the workers' loads, and what sessions ask for. */
export class Dispatcher {
  readonly #maxQueue: number
  /** Calls that have not been sent, wherever they wait. */
  readonly #unsent: Tally = { count: 0 }
  readonly #sessions: SessionPlacement
  readonly #roster: Roster
  readonly #backlog: Backlog

  constructor(options: DispatcherOptions) {
    const { maxQueue, maxInFlight } = options
    this.#maxQueue = maxQueue
    const releases = {
      capacity: (worker: Worker) => capacity(worker, maxInFlight),
      onSent: (worker: Worker) => this.#roster.table.update(worker),
    }
    this.#sessions = new SessionPlacement(releases, this.#unsent)
    this.#roster = new Roster(this.#sessions, maxInFlight)
    this.#backlog = new Backlog(this.#sessions, this.#roster, this.#unsent, options)
  }

  /** Workers that get new calls. */
  get workers(): number {
    return this.#roster.table.size
  }

  get idle(): number {
    return this.#roster.table.idle
  }

  /** Calls that have not started, wherever they wait. */
  get waiting(): number {
    return this.#unsent.count + this.#roster.table.waiting
  }

  addWorker(worker: Worker): void {
    this.#roster.table.add(worker)
    this.#backlog.pump(worker)
  }

  /** @returns what was tied to it alone. */
  removeWorker(worker: Worker): LostSessions {
    this.#roster.remove(worker)
    return this.#sessions.removeWorker(worker)
  }

  /**
   * Nothing new is sent to the worker, but for calls nested in what it runs. What has not started there is taken back,
   * if it can be. Sessions that preferred it go elsewhere; strict ones stay with it, and are served as before; unless
   * `loseStrict`, default false: they lose it as if it were gone. @returns what was tied to it alone, then.
   */
  retire(worker: Worker, { loseStrict = false }: { readonly loseStrict?: boolean } = {}): LostSessions {
    const gone = loseStrict ? this.#sessions.leave(worker) : { lost: [], held: [] }
    this.#roster.retire(worker, (call) => loseStrict || !call.strict)
    return gone
  }

  /**
   * Finds a place for a new call. @returns false when there is none: the queue is full.
   * @throws {InvalidValue} when its arguments cannot be sent. @throws {WorkerBusy} @throws {CallTimeout}
   */
  place(call: PendingCall): boolean {
    const now = performance.now()
    if (call.deadline <= now) throw failures.timedOut(call, false)
    const full = this.waiting >= this.#maxQueue
    if (this.#sessions.isLost(call)) return !full && this.#sessions.awaitRebuild(call)
    const home = this.#sessions.homeOf(call)
    if (this.#placeInside(call, home, this.#roster.table.hasIdle)) return true
    if (home !== undefined && call.strict) return this.#placeAt(home, call, full, now)
    const worker = this.#backlog.queue.empty ? this.#roster.choose(call, undefined, now) : undefined
    if (worker !== undefined && (!full || isIdle(worker))) {
      this.#roster.send(call, worker)
      return true
    }
    if (this.#placeInside(call, home, false)) return true
    if (full) return false
    if (!this.#sessions.awaitRelease(call)) this.#backlog.queue.add(call)
    return true
  }

  /**
   * Puts a call that has not started back to where it was in line: ahead of all that were accepted later.
   * @returns false when its time is over, and it has ended instead.
   */
  putBack(call: PendingCall): boolean {
    call.worker = undefined
    call.wire = undefined
    return this.#backlog.add(call)
  }

  /** A call that was put off is due: it goes at once, if it can, and else to where it was in line. */
  resume(call: PendingCall): void {
    this.putBack(call)
    this.#backlog.pump()
  }

  remove(call: PendingCall): void {
    call.queued?.leave()
  }

  /** The worker whose loss keeps this call from being made: nobody rebuilds what its session had there. */
  lostFor(call: PendingCall): string | undefined {
    return this.#sessions.lostFor(call)
  }

  /** Lets a call wait until its session is rebuilt. @returns whether it may. */
  awaitRebuild(call: PendingCall): boolean {
    return this.#sessions.awaitRebuild(call)
  }

  /** A strict session goes on after a loss: where it was rebuilt, else wherever its next call goes. */
  rebind(session: string): void {
    const { worker, calls } = this.#sessions.rebind(session)
    for (const call of calls) {
      if (worker === undefined) this.putBack(call)
      else this.#sessions.hold(worker, call)
    }
    this.#backlog.pump(worker)
  }

  /** A strict session stays lost. @returns what had waited for it, and the worker it has lost. */
  giveUp(session: string): { readonly lost: string; readonly waiting: PendingCall[] } {
    return this.#sessions.giveUp(session)
  }

  /** Sessions that a worker may keep something for. */
  sessionsOf(worker: Worker): number {
    return this.#sessions.countOf(worker)
  }

  /** Strict sessions that run on this worker and nowhere else. */
  strictSessionsOf(worker: Worker): number {
    return this.#sessions.countStrict(worker)
  }

  /** Every worker that has served the session is told to release what it keeps for it. */
  forgetSession(session: string): void {
    this.#sessions.forgetSession(session)
  }

  /** A worker answered, or went: calls may move. */
  workerChanged(worker: Worker): void {
    const { table, balance } = this.#roster
    this.#sessions.tell(worker)
    table.update(worker)
    this.#backlog.pump(worker)
    if (isIdle(worker) && this.#backlog.queue.empty && table.has(worker)) balance.relieve()
    balance.watch()
  }

  close(): void {
    this.#roster.balance.close()
  }

  /** A nested call may be served by an ancestor, which waits for it: in place, ahead of everything else. */
  #placeInside(call: PendingCall, home: Worker | undefined, othersIdle: boolean): boolean {
    const ancestor = this.#roster.blockedAncestor(call, home, othersIdle)
    if (ancestor === undefined) return false
    if (!this.#sessions.mayServe(ancestor.worker, call)) throw failures.endedInside(call, ancestor.worker)
    this.#roster.send(call, ancestor.worker, ancestor.id)
    return true
  }

  /** A strict session's call: at its worker, or waiting for it. */
  #placeAt(home: Worker, call: PendingCall, full: boolean, now: number): boolean {
    if (call.failsFast && this.#sessions.isBusy(home)) throw failures.workerBusy(call, home)
    const hasRoom = !full && this.#backlog.queue.empty && this.#roster.hasRoom(home, now)
    if (this.#sessions.heldFor(home)?.empty !== false && (isIdle(home) || hasRoom)) {
      this.#roster.send(call, home)
      return true
    }
    if (!full) this.#sessions.hold(home, call)
    return !full
  }
}
