import { LinkedList } from "../collections/linked-list.js"
import type { Worker } from "../worker/worker.js"
import { Affinity } from "./affinity.js"
import { LoadTable } from "./load-table.js"
import type { PendingCall } from "./pending-call.js"
import { chooseVictim, chooseWorker, stalledWorkers, stallMs } from "./scheduler.js"

export interface DispatcherOptions {
  readonly pool: string
  /** Calls that may wait, in the queue or behind another call. */
  readonly maxQueue: number
  /** Calls a worker may hold per unit of concurrency. */
  readonly maxInFlight: number
  /** A queued call could not be sent after all. */
  onUnsendable(call: PendingCall, error: unknown): void
}

/** Brings calls and workers together: the queue, the workers' loads, and moving calls from busy to idle workers. */
export class Dispatcher {
  readonly #options: DispatcherOptions
  readonly #table = new LoadTable<Worker>()
  readonly #queue = new LinkedList<PendingCall>()
  readonly #affinity = new Affinity<Worker>()
  #stallTimer: NodeJS.Timeout | undefined

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
    return this.#queue.size + this.#table.waiting
  }

  addWorker(worker: Worker): void {
    this.#table.add(worker)
    this.#pump()
  }

  removeWorker(worker: Worker): void {
    this.#table.remove(worker)
    this.#affinity.forgetWorker(worker)
  }

  /**
   * Finds a place for a new call. @returns false when there is none: the queue is full.
   * @throws {InvalidValue} when its arguments cannot be sent.
   */
  place(call: PendingCall): boolean {
    const nested = call.madeBy?.nearest(this.#options.pool)
    if (nested !== undefined && this.#table.idle === 0) {
      // Its ancestor waits for it, so it is served there, in place, ahead of everything else.
      this.#send(call, nested.worker, nested.id)
      return true
    }
    const full = this.waiting >= this.#options.maxQueue
    const worker = this.#queue.size > 0 ? undefined : this.#choose(call)
    if (full && (worker === undefined || worker.waiting > 0 || worker.load >= worker.concurrency))
      return false
    if (worker === undefined) call.queued = this.#queue.push(call)
    else this.#send(call, worker, undefined)
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

  forgetSession(session: string): void {
    this.#affinity.forgetSession(session)
  }

  /** A worker answered, or went: calls may move. */
  workerChanged(worker: Worker): void {
    this.#table.update(worker)
    this.#pump()
    if (worker.load === 0 && this.#table.has(worker)) this.#relieveOther()
  }

  close(): void {
    clearTimeout(this.#stallTimer)
  }

  #choose(call: PendingCall): Worker | undefined {
    const session = call.submission.request.session
    const hint = session === undefined ? undefined : this.#affinity.get(session)
    return chooseWorker(this.#table, hint, this.#options.maxInFlight, performance.now())
  }

  #send(call: PendingCall, worker: Worker, parent: number | undefined): void {
    call.wire = worker.send(call.requestNow(parent), call)
    call.worker = worker
    const session = call.submission.request.session
    if (session !== undefined) this.#affinity.remember(session, worker)
    this.#table.update(worker)
    this.#watchStalls()
  }

  #pump(): void {
    for (let call = this.#queue.first; call !== undefined; call = this.#queue.first) {
      const worker = this.#choose(call)
      if (worker === undefined) return
      call.queued?.leave()
      try {
        this.#send(call, worker, undefined)
      } catch (error) {
        this.#options.onUnsendable(call, error)
      }
    }
  }

  /** An idle worker takes over half of what waits behind the busiest one. */
  #relieveOther(): void {
    const choice = this.#queue.size === 0 ? chooseVictim(this.#table) : undefined
    if (choice !== undefined) recall(choice.victim, choice.calls)
  }

  /** Ticks only while calls wait behind others, and takes them back from workers that turned out to be slow. */
  #watchStalls(): void {
    if (this.#stallTimer !== undefined || this.#table.waiting === 0) return
    this.#stallTimer = setTimeout(() => {
      this.#stallTimer = undefined
      for (const worker of stalledWorkers(this.#table, performance.now())) recall(worker, worker.waiting)
      this.#watchStalls()
    }, stallMs)
    this.#stallTimer.unref()
  }
}

/** The newest are taken back, and the oldest of them first, because it is served first. */
function recall(worker: Worker, calls: number): void {
  for (const wire of worker.notStarted().slice(-calls)) worker.recall(wire)
}
