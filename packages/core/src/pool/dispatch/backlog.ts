import type { Tally } from "../../collections/linked-list.js"
import type { CallError } from "../../errors/errors.js"
import type { Worker } from "../../worker/worker.js"
import * as failures from "../calls/failures.js"
import type { PendingCall } from "../calls/pending-call.js"
import { CallQueue } from "./call-queue.js"
import type { Roster } from "./roster.js"
import type { SessionPlacement } from "./session-placement.js"

export interface BacklogOptions {
  /** A call that waited cannot be sent after all. */
  onFailed(call: PendingCall, error: CallError): void
  /** The time of a call that waited is over: it is to end now. */
  onExpired(call: PendingCall, now: number): void
}

/** Sends what had to wait, as soon as it can be sent. */
export class Backlog {
  /** Calls that any worker may have; there is one only while no worker has room. */
  readonly queue: CallQueue
  readonly #sessions: SessionPlacement
  readonly #roster: Roster
  readonly #unsent: Tally
  readonly #options: BacklogOptions

  /** @param unsent counts all calls that wait here or for a session. */
  constructor(sessions: SessionPlacement, roster: Roster, unsent: Tally, options: BacklogOptions) {
    this.queue = new CallQueue(unsent)
    this.#unsent = unsent
    this.#sessions = sessions
    this.#roster = roster
    this.#options = options
  }

  /** A call that was elsewhere waits for any worker. @returns false when it has ended, be it because its time is over. */
  add(call: PendingCall): boolean {
    if (call.settled || this.#expire(call, performance.now())) return false
    this.queue.add(call)
    return true
  }

  /** Something has changed; if it is a worker, it may have got room. Whoever is next goes, as long as there is room. */
  pump(worker?: Worker): void {
    if (this.#unsent.count === 0) return
    const now = performance.now()
    while (this.#sendNext(worker, now)) {}
  }

  /** The first of the queue, or of those that wait for this worker alone. @returns whether a call has moved. */
  #sendNext(worker: Worker | undefined, now: number): boolean {
    const held = worker === undefined ? undefined : this.#mayGoTo(worker, now)
    const queued = this.queue.next
    if (queued !== undefined && held?.isBefore(this.queue) !== true && this.#moveOn(queued, worker, now)) {
      if (queued.worker !== undefined) held?.passOver(queued)
      return true
    }
    const next = held?.next
    if (worker === undefined || next === undefined) return false
    if (this.#expire(next, now)) return true
    held?.take(next)
    this.queue.passOver(next)
    return this.#send(next, worker)
  }

  /** What waits for this worker alone, if it has room. Who has waited for a session's id, and need not here, joins the queue. */
  #mayGoTo(worker: Worker, now: number): CallQueue | undefined {
    if (!this.#roster.hasRoom(worker, now)) return undefined
    // One that could not go there after all would come back to where it waits, and so on without end.
    const couldTake = (call: PendingCall): boolean => this.#roster.couldTake(worker, call, now)
    const released = this.#roster.table.has(worker)
      ? this.#sessions.releasedFor(worker, couldTake)
      : undefined
    if (released !== undefined) {
      released.queued?.leave()
      this.queue.add(released)
    }
    return this.#sessions.heldFor(worker)
  }

  /** @returns whether it has left the queue. */
  #moveOn(call: PendingCall, changed: Worker | undefined, now: number): boolean {
    if (this.#expire(call, now)) return true
    const lost = this.#sessions.lostFor(call)
    if (lost !== undefined) return this.#fail(call, failures.sessionLost(call, lost))
    if (this.#sessions.isLost(call)) return this.#waitElsewhere(call, () => this.#sessions.awaitRebuild(call))
    const home = call.strict ? this.#sessions.homeOf(call) : undefined
    if (home === undefined) {
      const worker = this.#roster.choose(call, changed, now)
      if (worker !== undefined) return this.#take(call, worker)
      return this.#waitElsewhere(call, () => this.#sessions.awaitRelease(call))
    }
    if (call.failsFast && this.#sessions.isBusy(home))
      return this.#fail(call, failures.workerBusy(call, home))
    if (this.#roster.hasRoom(home, now)) return this.#take(call, home)
    return this.#waitElsewhere(call, () => this.#sessions.hold(home, call))
  }

  #waitElsewhere(call: PendingCall, move: () => boolean): boolean {
    const here = call.queued
    return move() && here?.leave() === true
  }

  #take(call: PendingCall, worker: Worker): true {
    this.queue.take(call)
    return this.#send(call, worker)
  }

  #send(call: PendingCall, worker: Worker): true {
    try {
      this.#roster.send(call, worker)
    } catch (error) {
      this.#options.onFailed(call, failures.unsendable(call.tool, error))
    }
    return true
  }

  /** Alarms may be late, so the time that is left is looked at once more. */
  #expire(call: PendingCall, now: number): boolean {
    if (now < call.deadline && now < call.queueDeadline) return false
    call.queued?.leave()
    this.#options.onExpired(call, now)
    return true
  }

  #fail(call: PendingCall, error: CallError): true {
    call.queued?.leave()
    this.#options.onFailed(call, error)
    return true
  }
}
