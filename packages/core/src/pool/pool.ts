import { LinkedList } from "../collections/linked-list.js"
import { cancelled } from "../connection/answer.js"
import type { IncomingCall } from "../connection/incoming-call.js"
import { type CallError, isCallError } from "../errors/errors.js"
import type { EventFrame, WireError } from "../protocol/frame.js"
import { maxNesting } from "../protocol/limits.js"
import type { ToolSpec } from "../protocol/tools.js"
import type { Emitter } from "../telemetry/emitter.js"
import type { LogRecord } from "../telemetry/events.js"
import type { Worker, WorkerEnd, WorkerListener } from "../worker/worker.js"
import { Alarms } from "./alarms.js"
import { Dispatcher } from "./dispatcher.js"
import * as failures from "./failures.js"
import { HostCall } from "./nesting.js"
import { type CallMaker, type CallOwner, PendingCall, type Submission } from "./pending-call.js"
import { PoolEvents } from "./pool-events.js"
import { Counters, type PoolStats } from "./stats.js"

/** Times a call that never started may lose its worker before it fails. */
const maxRequeues = 3

export interface PoolOptions {
  readonly name: string
  readonly maxQueue: number
  readonly maxInFlight: number
  readonly emitter: Emitter
  onHostCall(host: HostCall): void
  /** A strict session has lost its worker. @returns whether it is being rebuilt: its calls wait for that. */
  onSessionLost(session: string, workerId: string): boolean
  /** Why the last worker could not start; for messages. */
  lastStartError(): string | undefined
}

/** Takes calls and sees to it that each ends exactly once. Plain and synchronous: nothing here waits. */
export class Pool implements WorkerListener, CallOwner {
  readonly name: string
  readonly workers = new Set<Worker>()
  /** What the workers declare; `null` when they do not, or none was up yet. */
  tools: ReadonlyMap<string, ToolSpec> | null = null
  readonly #options: PoolOptions
  readonly #dispatcher: Dispatcher
  readonly #open = new LinkedList<PendingCall>()
  readonly #counters = new Counters()
  readonly #events: PoolEvents
  readonly #alarms = new Alarms<PendingCall>((call, now) => this.#timeUp(call, now))
  #closing = false
  #drained: (() => void)[] = []

  constructor(options: PoolOptions) {
    this.name = options.name
    this.#options = options
    this.#events = new PoolEvents(options.name, options.emitter)
    this.#dispatcher = new Dispatcher({
      pool: options.name,
      maxQueue: options.maxQueue,
      maxInFlight: options.maxInFlight,
      onFailed: (call, error) => this.#fail(call, error),
    })
  }

  /** Refuses what needs no worker to be refused. @throws {CallError} */
  check(tool: string, signal: AbortSignal | undefined, madeBy: CallMaker | undefined): void {
    if (this.#closing && madeBy === undefined) throw failures.poolClosed(this.name)
    if (signal?.aborted === true) throw failures.cancelled(tool, "its signal was aborted before it began")
    if (madeBy?.ended === true)
      throw failures.cancelled(tool, "the callback that would have made it has ended")
    if (madeBy !== undefined && madeBy.depth > maxNesting) throw failures.nestedTooDeep(tool)
  }

  /**
   * Accepts a call, for a callback if one makes it.
   * @throws {CallError} when it is refused. Nothing was sent then, and the sink hears nothing.
   */
  submit(submission: Submission, madeBy: CallMaker | undefined): PendingCall {
    this.check(submission.request.tool, submission.signal, madeBy)
    const call = new PendingCall(submission, madeBy, this)
    this.#refuseLost(call)
    this.#place(call)
    this.#counters.requests += 1
    call.opened = this.#open.push(call)
    call.leased = submission.lease?.calls.push(call)
    madeBy?.open.add(call)
    this.#setAlarm(call)
    return call
  }

  /** Ends a call for its caller at once; its tool is told to stop. */
  cancel(call: PendingCall, reason: string): void {
    this.#abandon(call, failures.cancelled(call.tool, reason))
  }

  addWorker(worker: Worker): void {
    this.workers.add(worker)
    this.tools = worker.tools
    this.#dispatcher.addWorker(worker)
  }

  /** Every worker that has served it lets go of what it keeps for it. Its calls have ended before. */
  forgetSession(session: string): void {
    this.#dispatcher.forgetSession(session)
  }

  /** A strict session that has lost its worker goes on: where it was rebuilt, or where its next call goes. */
  rebindSession(session: string): void {
    this.#dispatcher.rebind(session)
  }

  /** A strict session could not be rebuilt: what waited for that fails. */
  giveUpSession(session: string): void {
    const { lost, waiting } = this.#dispatcher.giveUp(session)
    for (const call of waiting) this.#fail(call, failures.sessionLost(call, lost))
  }

  /** Sessions that a worker may keep something for. */
  sessionsOf(worker: Worker): number {
    return this.#dispatcher.sessionsOf(worker)
  }

  stats(): PoolStats {
    const { workers, idle, waiting } = this.#dispatcher
    return this.#counters.snapshot({ workers, available: idle, queued: waiting })
  }

  /** Takes no new calls. Resolves when the accepted ones have ended. */
  drain(): Promise<void> {
    this.#closing = true
    if (this.#open.size === 0) return Promise.resolve()
    return new Promise((resolve) => this.#drained.push(resolve))
  }

  /** Fails every call that is still open. */
  abandonAll(): void {
    this.#closing = true
    this.#dispatcher.close()
    for (const call of this.#open.toArray()) this.#abandon(call, failures.poolClosed(this.name))
  }

  /** What a callback left open ends with it. */
  endHostCall(host: HostCall): void {
    host.call?.deleteHostCall(host.incoming)
    for (const call of [...host.open]) call.owner.aborted(call, "the callback that made it has ended")
  }

  // What workers report.

  onHostCall(worker: Worker, incoming: IncomingCall): void {
    const { parent } = incoming.frame
    const listener = parent === undefined ? undefined : worker.connection.find(parent)?.listener
    const call = listener instanceof PendingCall ? listener : undefined
    // A tool that is being stopped may still clean up by callbacks, but not in a session that is gone.
    if (call?.submission.lease?.ended === true) return incoming.error(cancelled)
    call?.addHostCall(incoming)
    const host = new HostCall(worker, incoming, call, this)
    incoming.signal.addEventListener("abort", () => this.endHostCall(host), { once: true })
    this.#options.onHostCall(host)
  }

  onAnswered(worker: Worker): void {
    this.#dispatcher.workerChanged(worker)
  }

  onWritable(worker: Worker): void {
    this.#dispatcher.workerChanged(worker)
  }

  onStopped(worker: Worker, end: WorkerEnd): void {
    this.workers.delete(worker)
    const { lost, held } = this.#dispatcher.removeWorker(worker)
    if (!end.expected) this.#counters.crashes += 1
    for (const binding of lost) binding.rebuilding = this.#options.onSessionLost(binding.session, worker.id)
    this.#settleLost(worker, end)
    for (const call of held) this.#loseHome(call, worker)
    this.#dispatcher.workerChanged(worker)
  }

  onLog(record: LogRecord): void {
    this.#events.log(record)
  }

  onEvent(worker: Worker, frame: EventFrame): void {
    this.#events.ofWorker(worker, frame)
  }

  // What pending calls report.

  ended(call: PendingCall, success: boolean): void {
    call.opened?.leave()
    if (call.alarm !== undefined) this.#alarms.delete(call.alarm)
    if (!success) this.#counters.errors += 1
    this.#events.executed(call, success)
    if (this.#open.size === 0) for (const wake of this.#drained.splice(0)) wake()
  }

  answered(call: PendingCall, error: WireError): void {
    if (error.code !== "not_started" || call.worker === undefined) {
      this.#fail(call, failures.answeredWith(call, error))
    } else if (call.expiring) this.#failQueueTimeout(call)
    else this.#putBack(call, call.worker, "recall")
  }

  aborted(call: PendingCall, reason: string): void {
    this.cancel(call, reason)
  }

  // How calls begin and end.

  #refuseLost(call: PendingCall): void {
    const lost = this.#dispatcher.lostFor(call)
    if (lost === undefined) return
    call.discard()
    throw failures.sessionLost(call, lost)
  }

  #place(call: PendingCall): void {
    try {
      if (this.#dispatcher.place(call)) return
    } catch (error) {
      call.discard()
      throw isCallError(error) ? error : failures.unsendable(call.tool, error)
    }
    call.discard()
    throw this.#saturated()
  }

  #timeUp(call: PendingCall, now: number): void {
    if (call.settled) return
    if (now >= call.deadline) return this.#abandon(call, failures.timedOut(call, call.wire !== undefined))
    if (now >= call.queueDeadline && !call.started) {
      if (call.wire === undefined) return this.#failQueueTimeout(call)
      // Only the worker knows whether it starts in this very moment, so it is asked.
      call.expiring = true
      call.worker?.recall(call.wire)
    }
    this.#setAlarm(call)
  }

  #setAlarm(call: PendingCall): void {
    call.alarm = this.#alarms.set(call, call.nextLimit)
  }

  #putBack(call: PendingCall, worker: Worker, reason: "crash" | "recall"): void {
    this.#dispatcher.putBack(call)
    this.#events.requeued(call, worker, reason)
  }

  /** After a crash calls that may have had effects fail; the others never started and go back. */
  #settleLost(worker: Worker, end: WorkerEnd): void {
    const back: PendingCall[] = []
    for (const wire of end.lost) {
      const mayHaveStarted = worker.hasStarted(wire)
      const call = wire.listener
      if (!(call instanceof PendingCall) || call.settled) continue
      if (!mayHaveStarted && call.strict) this.#loseHome(call, worker)
      else if (mayHaveStarted || call.requeues >= maxRequeues)
        this.#fail(call, failures.crashed(call, worker, end, mayHaveStarted, worker.hasEnded(wire)))
      else back.push(call)
    }
    for (const call of back) {
      call.requeues += 1
      this.#counters.requeued += 1
      this.#putBack(call, worker, "crash")
    }
  }

  /** A strict session's call that had not started waits for the session to be rebuilt, or fails. */
  #loseHome(call: PendingCall, worker: Worker): void {
    if (!this.#dispatcher.awaitRebuild(call)) this.#fail(call, failures.sessionLost(call, worker.id))
  }

  #failQueueTimeout(call: PendingCall): void {
    const error = failures.queueTimedOut(call, this.name, this.#options.lastStartError())
    this.#counters.queueTimeouts += 1
    this.#events.queueTimedOut(call, error.waitedMs)
    this.#fail(call, error)
  }

  #abandon(call: PendingCall, error: CallError): void {
    const { worker, wire } = call
    if (this.#fail(call, error) && worker !== undefined && wire !== undefined)
      worker.cancel(wire, error.message)
  }

  #fail(call: PendingCall, error: CallError): boolean {
    this.#dispatcher.remove(call)
    return call.fail(error)
  }

  #saturated(): CallError {
    const { maxQueue } = this.#options
    const { waiting, workers, idle } = this.#dispatcher
    this.#counters.poolSaturated += 1
    this.#events.saturated(waiting, maxQueue, workers, idle)
    return failures.saturated(this.name, waiting, maxQueue, workers)
  }
}
