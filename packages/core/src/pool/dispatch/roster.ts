import type { Worker } from "../../worker/worker.js"
import type { PendingCall } from "../calls/pending-call.js"
import { Balance } from "./balance.js"
import { isIdle, LoadTable } from "./load-table.js"
import { chooseWorker, hasRoom } from "./scheduler.js"
import type { SessionPlacement } from "./session-placement.js"

/** The workers of a pool: who may be sent which call, and sending it. */
export class Roster {
  /** Those that are sent whatever comes. */
  readonly table = new LoadTable<Worker>()
  readonly balance = new Balance(this.table)
  /** Those that get nothing new. */
  readonly #retired = new Set<Worker>()
  readonly #sessions: SessionPlacement
  readonly #maxInFlight: number

  constructor(sessions: SessionPlacement, maxInFlight: number) {
    this.#sessions = sessions
    this.#maxInFlight = maxInFlight
  }

  remove(worker: Worker): void {
    this.table.remove(worker)
    this.#retired.delete(worker)
  }

  /** @param may which of the calls that have not started are taken back, if they can be. */
  retire(worker: Worker, may: (call: PendingCall) => boolean): void {
    this.table.remove(worker)
    this.#retired.add(worker)
    this.balance.clear(worker, may)
  }

  hasRoom(worker: Worker, now: number): boolean {
    return hasRoom(worker, this.#maxInFlight, now)
  }

  /** Whether a worker may be sent this call now, as far as its load is concerned. */
  couldTake(worker: Worker, call: PendingCall, now: number): boolean {
    return mustStartAtOnce(call) ? isIdle(worker) : this.hasRoom(worker, now)
  }

  /** @param changed may have room although nobody else has. */
  choose(call: PendingCall, changed: Worker | undefined, now: number): Worker | undefined {
    const mayBe =
      call.session === undefined ? anyone : (worker: Worker) => this.#sessions.mayServe(worker, call)
    const wish = { home: this.#sessions.homeOf(call), changed, atOnce: mustStartAtOnce(call), mayBe }
    return chooseWorker(this.table, wish, this.#maxInFlight, now)
  }

  /** The ancestor of a nested call that should serve it: the one at home; or any, when nobody else is idle. */
  blockedAncestor(call: PendingCall, home: Worker | undefined, othersIdle: boolean) {
    const { madeBy } = call
    if (madeBy === undefined) return undefined
    const atHome = home === undefined ? undefined : madeBy.blocked((worker) => worker === home)
    if (atHome !== undefined || (home !== undefined && call.strict)) return atHome
    if (othersIdle) return undefined
    // A strict session must not begin where nothing new is sent.
    return madeBy.blocked((worker) => this.table.has(worker) || (!call.strict && this.#retired.has(worker)))
  }

  /**
   * @param parent the callback that waits for a nested call, which runs in its place then.
   * @throws {InvalidValue} when its arguments cannot be sent.
   */
  send(call: PendingCall, worker: Worker, parent?: number): void {
    call.wire = worker.send(call.requestNow(parent), call)
    call.worker = worker
    this.#sessions.bind(call, worker)
    this.table.update(worker)
    this.balance.watch()
  }
}

/** It has lost a worker by waiting there. */
const mustStartAtOnce = ({ requeues }: PendingCall): boolean => requeues > 0

const anyone = (): boolean => true
