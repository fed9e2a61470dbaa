import { LinkedList } from "../collections/linked-list.js"
import type { CallError } from "../errors/errors.js"
import type { Worker } from "../worker/worker.js"
import { Balance } from "./balance.js"
import { type Binding, Bindings } from "./bindings.js"
import * as failures from "./failures.js"
import { HeldCalls } from "./held-calls.js"
import { LoadTable } from "./load-table.js"
import type { PendingCall } from "./pending-call.js"
import { capacity, chooseWorker, hasRoom, isIdle } from "./scheduler.js"
import { SessionReleases } from "./session-releases.js"

export interface DispatcherOptions {
  readonly pool: string
  /** Calls that may wait, in the queue or behind another call. */
  readonly maxQueue: number
  /** Calls a worker may hold per unit of concurrency. */
  readonly maxInFlight: number
  /** A call that waited cannot be sent after all. */
  onFailed(call: PendingCall, error: CallError): void
}

/** Brings calls and workers together: the queue, the workers' loads, and what sessions ask for. */
export class Dispatcher {
  readonly #options: DispatcherOptions
  readonly #table = new LoadTable<Worker>()
  readonly #queue = new LinkedList<PendingCall>()
  /** Calls of strict sessions that wait for their worker, and for their session to be rebuilt. */
  readonly #held = new HeldCalls<Worker>()
  readonly #rebuilt = new HeldCalls<string>()
  /** Calls of sessions of which every worker with room still has to let go of an older one of the same id. */
  readonly #unreleased = new HeldCalls<string>()
  readonly #bindings = new Bindings<Worker>()
  readonly #releases = new SessionReleases({
    capacity: (worker) => capacity(worker, this.#options.maxInFlight),
    onSent: (worker) => this.#table.update(worker),
  })
  readonly #balance = new Balance(this.#table)

  constructor(options: DispatcherOptions) {
    this.#options = options
  }

  get workers(): number {
    return this.#table.size
  }

  get idle(): number {
    return this.#table.idle
  }

  /** Calls that have not started, wherever they wait. */
  get waiting(): number {
    return (
      this.#queue.size + this.#held.size + this.#rebuilt.size + this.#unreleased.size + this.#table.waiting
    )
  }

  addWorker(worker: Worker): void {
    this.#table.add(worker)
    this.#pump(worker)
  }

  /** @returns the strict sessions that have lost it, and the calls that waited for it alone. */
  removeWorker(worker: Worker): { readonly lost: Binding<Worker>[]; readonly held: PendingCall[] } {
    this.#table.remove(worker)
    this.#releases.forgetWorker(worker)
    return { lost: this.#bindings.forgetWorker(worker), held: this.#held.take(worker) }
  }

  /**
   * Finds a place for a new call. @returns false when there is none: the queue is full.
   * @throws {InvalidValue} when its arguments cannot be sent. @throws {WorkerBusy}
   */
  place(call: PendingCall): boolean {
    if (this.#bindingOf(call)?.lost !== undefined && !call.rebuilds)
      return this.waiting < this.#options.maxQueue && this.awaitRebuild(call)
    const home = this.#homeOf(call)
    const nested = this.#blockedAncestor(call, home)
    if (nested !== undefined) {
      if (this.#mustWaitFor(nested.worker, call)) throw failures.endedInside(call, nested.worker)
      // Its ancestor waits for it, so it is served there, in place, ahead of everything else.
      this.#send(call, nested.worker, nested.id)
      return true
    }
    if (home !== undefined && call.strict) return this.#placeAt(home, call)
    const full = this.waiting >= this.#options.maxQueue
    const worker = this.#queue.size > 0 ? undefined : this.#choose(call)
    if (full && (worker === undefined || worker.waiting > 0 || worker.load >= worker.concurrency))
      return false
    if (worker !== undefined) this.#send(call, worker, undefined)
    else if (!this.#awaitRelease(call)) call.queued = this.#queue.push(call)
    return true
  }

  /** Puts a call that has not started back to where it was in line: ahead of all that were accepted later. */
  putBack(call: PendingCall): void {
    call.worker = undefined
    call.wire = undefined
    call.queued = this.#queue.insert(call, (other) => other.acceptedAt > call.acceptedAt)
  }

  remove(call: PendingCall): void {
    call.queued?.leave()
  }

  /** The worker whose loss keeps this call from being made: nobody rebuilds what its session had there. */
  lostFor(call: PendingCall): string | undefined {
    const { lost, rebuilding } = this.#bindingOf(call) ?? {}
    if (lost === undefined || call.rebuilds) return undefined
    return rebuilding === true && !call.failsFast ? undefined : lost.id
  }

  /** Lets a call wait until its session is rebuilt. @returns whether it may. */
  awaitRebuild(call: PendingCall): boolean {
    const { session } = call
    if (session === undefined || call.rebuilds || call.failsFast) return false
    if (this.#bindings.get(session)?.rebuilding !== true) return false
    call.worker = undefined
    call.wire = undefined
    this.#rebuilt.insert(session, call)
    return true
  }

  /** A strict session goes on after a loss: where it was rebuilt, else wherever its next call goes. */
  rebind(session: string): void {
    const binding = this.#bindings.get(session)
    if (binding === undefined) return
    binding.lost = undefined
    binding.rebuilding = false
    const { worker } = binding
    for (const call of this.#rebuilt.take(session)) {
      if (worker === undefined) this.putBack(call)
      else this.#held.insert(worker, call)
    }
    for (const each of worker === undefined ? [...this.#table.workers()] : [worker]) this.#pump(each)
  }

  /** A strict session stays lost. @returns what had waited for it, and the worker it has lost. */
  giveUp(session: string): { readonly lost: string; readonly waiting: PendingCall[] } {
    const binding = this.#bindings.get(session)
    if (binding !== undefined) binding.rebuilding = false
    return { lost: binding?.lost?.id ?? "", waiting: this.#rebuilt.take(session) }
  }

  /** Sessions that a worker may keep something for. */
  sessionsOf(worker: Worker): number {
    return this.#bindings.count(worker)
  }

  /** Every worker that has served the session is told to release what it keeps for it. */
  forgetSession(session: string): void {
    for (const worker of this.#bindings.forgetSession(session)) this.#releases.add(worker, session)
  }

  /** A worker answered, or went: calls may move. */
  workerChanged(worker: Worker): void {
    this.#releases.pump(worker)
    this.#table.update(worker)
    this.#pump(worker)
    if (worker.load === 0 && this.#queue.size === 0 && this.#table.has(worker)) this.#balance.relieve()
  }

  close(): void {
    this.#balance.close()
  }

  /** The worker that has what the call's session keeps. */
  #homeOf(call: PendingCall): Worker | undefined {
    return this.#bindingOf(call)?.worker
  }

  #bindingOf({ session }: PendingCall): Binding<Worker> | undefined {
    return session === undefined ? undefined : this.#bindings.get(session)
  }

  /** The ancestor of a nested call that should serve it: the one at home; or any, when no worker is idle. */
  #blockedAncestor(call: PendingCall, home: Worker | undefined) {
    const { madeBy } = call
    if (madeBy === undefined) return undefined
    const atHome = home === undefined ? undefined : madeBy.blocked((worker) => worker === home)
    if (atHome !== undefined || (home !== undefined && call.strict)) return atHome
    return this.#table.idle === 0 ? madeBy.blocked((worker) => this.#table.has(worker)) : undefined
  }

  /** A strict session's call: at its worker, or waiting for it. */
  #placeAt(home: Worker, call: PendingCall): boolean {
    if (call.failsFast && this.#isBusy(home)) throw failures.workerBusy(call, home)
    const full = this.waiting >= this.#options.maxQueue
    const first = this.#held.first(home) === undefined
    if (first && (isIdle(home) || (!full && this.#queue.size === 0 && this.#hasRoom(home)))) {
      this.#send(call, home, undefined)
      return true
    }
    if (!full) this.#held.push(home, call)
    return !full
  }

  /** Runs a call of somebody; letting go of a session is none. */
  #isBusy(worker: Worker): boolean {
    return worker.load - this.#releases.inFlight(worker) >= worker.concurrency
  }

  /** The worker has yet to let go of an ended session of the same id. */
  #mustWaitFor(worker: Worker, { session }: PendingCall): boolean {
    return session !== undefined && this.#releases.holds(worker, session)
  }

  /** Others go ahead of a call that waits for its session's id. @returns whether it has to. */
  #awaitRelease(call: PendingCall): boolean {
    const { session } = call
    if (session === undefined || !this.#releases.pending(session)) return false
    this.#unreleased.insert(session, call)
    return true
  }

  #hasRoom(worker: Worker): boolean {
    return hasRoom(worker, this.#options.maxInFlight, performance.now())
  }

  #choose(call: PendingCall): Worker | undefined {
    const { session } = call
    const { maxInFlight } = this.#options
    const now = performance.now()
    if (session === undefined) return chooseWorker(this.#table, undefined, maxInFlight, now)
    const mayServe = (worker: Worker): boolean => !this.#mustWaitFor(worker, call)
    return chooseWorker(this.#table, this.#bindings.get(session)?.worker, maxInFlight, now, mayServe)
  }

  #send(call: PendingCall, worker: Worker, parent: number | undefined): void {
    call.wire = worker.send(call.requestNow(parent), call)
    call.worker = worker
    if (call.session !== undefined) this.#bindings.bind(call.session, worker, call.strict)
    this.#table.update(worker)
    this.#balance.watch()
  }

  /** A worker may have got room: the call that has waited longest goes first, in the queue or for this worker alone. */
  #pump(worker: Worker): void {
    for (const call of this.#unreleased.takeAll()) this.putBack(call)
    while (this.#sendNext(worker)) {}
  }

  #sendNext(worker: Worker): boolean {
    const queued = this.#queue.first
    const held = this.#held.first(worker)
    const isOlder = held === undefined || (queued !== undefined && queued.acceptedAt < held.acceptedAt)
    if (queued !== undefined && isOlder && this.#sendQueued(queued)) return true
    if (held !== undefined && this.#hasRoom(worker)) return this.#sendLater(held, worker)
    return queued !== undefined && !isOlder && this.#sendQueued(queued)
  }

  /** @returns whether it has left the queue. */
  #sendQueued(call: PendingCall): boolean {
    const lost = this.lostFor(call)
    if (lost !== undefined) return this.#fail(call, failures.sessionLost(call, lost))
    const binding = this.#bindingOf(call)
    if (binding?.lost !== undefined && !call.rebuilds) {
      call.queued?.leave()
      return this.awaitRebuild(call)
    }
    const home = call.strict ? binding?.worker : undefined
    if (home === undefined) {
      const worker = this.#choose(call)
      if (worker !== undefined) return this.#sendLater(call, worker)
      const waiting = call.queued
      return this.#awaitRelease(call) && waiting?.leave() === true
    }
    if (call.failsFast && this.#isBusy(home)) return this.#fail(call, failures.workerBusy(call, home))
    if (this.#hasRoom(home)) return this.#sendLater(call, home)
    call.queued?.leave()
    this.#held.insert(home, call)
    return true
  }

  #sendLater(call: PendingCall, worker: Worker): true {
    call.queued?.leave()
    try {
      this.#send(call, worker, undefined)
    } catch (error) {
      this.#options.onFailed(call, failures.unsendable(call.tool, error))
    }
    return true
  }

  #fail(call: PendingCall, error: CallError): true {
    call.queued?.leave()
    this.#options.onFailed(call, error)
    return true
  }
}
