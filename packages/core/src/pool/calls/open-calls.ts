import { LinkedList } from "../../collections/linked-list.js"
import { type CallError, isCallError } from "../../errors/errors.js"
import type { WireError } from "../../protocol/frame.js"
import type { Worker, WorkerEnd } from "../../worker/worker.js"
import type { Dispatcher } from "../dispatch/dispatcher.js"
import type { PoolEvents } from "../pool-events.js"
import type { Counters } from "../stats.js"
import type { RetryPolicy } from "../supervisor/policies.js"
import { CallLimits, type LimitsOwner } from "./call-limits.js"
import * as failures from "./failures.js"
import type { Guards } from "./guards.js"
import { type CallMaker, type CallOwner, PendingCall, type Submission } from "./pending-call.js"
import { Retries } from "./retries.js"

/** Times a call that never started may lose its worker before it fails. */
const maxRequeues = 3

export interface OpenCallsOptions {
  readonly name: string
  readonly maxQueue: number
  readonly retry?: RetryPolicy | undefined
  readonly dispatcher: Dispatcher
  readonly guards: Guards
  readonly counters: Counters
  readonly events: PoolEvents
  /** Why the last worker could not start; for messages. */
  lastStartError(): string | undefined
  /** A call has its outcome; its worker may still be busy with it. */
  onEnded(call: PendingCall): void
  /** A tool has raised an error that spoils its worker. */
  onTainted(worker: Worker): void
}

/** The calls that a pool has accepted, from then until each has ended, exactly once. */
export class OpenCalls implements CallOwner, LimitsOwner {
  readonly name: string
  readonly #options: OpenCallsOptions
  readonly #dispatcher: Dispatcher
  readonly #guards: Guards
  readonly #calls = new LinkedList<PendingCall>()
  readonly #limits = new CallLimits(this)
  readonly #retries: Retries
  #drained: (() => void)[] = []

  constructor(options: OpenCallsOptions) {
    this.name = options.name
    this.#options = options
    this.#dispatcher = options.dispatcher
    this.#guards = options.guards
    this.#retries = new Retries({
      policy: options.retry,
      onRetry: (call, workerId, delayMs) => this.#retried(call, workerId, delayMs),
      onDue: (call) => this.#makeAgain(call),
    })
  }

  /** Calls that have failed and wait to be made again. */
  get retrying(): number {
    return this.#retries.size
  }

  /** @throws {CallError} when the call is refused. Nothing was sent then, and the sink hears nothing. */
  accept(submission: Submission, madeBy: CallMaker | undefined): PendingCall {
    const { tool, session } = submission.request
    const refusal = this.#guards.sessionRefusal(tool, session)
    if (refusal !== undefined) throw refusal
    const call = new PendingCall(submission, madeBy, this)
    this.#refuseLost(call)
    this.#place(call)
    this.#options.counters.requests += 1
    this.#guards.accepted(call)
    call.opened = this.#calls.push(call)
    call.leased = submission.lease?.calls.push(call)
    madeBy?.open.add(call)
    this.#limits.watch(call)
    return call
  }

  /** Makes no call again. Resolves when all have ended. */
  drain(): Promise<void> {
    for (const call of this.#retries.close())
      this.fail(call, call.lastFailure ?? failures.poolClosed(this.name))
    if (this.#calls.size === 0) return Promise.resolve()
    return new Promise((resolve) => this.#drained.push(resolve))
  }

  /** Fails all. */
  abandonAll(): void {
    for (const call of this.#calls.toArray()) this.#abandon(call, failures.poolClosed(this.name))
  }

  /** @returns whether this was its first ending. */
  fail(call: PendingCall, error: CallError): boolean {
    this.#dispatcher.remove(call)
    return call.fail(error)
  }

  /** The time of a call that waits may be over. */
  checkLimits(call: PendingCall, now: number): void {
    this.#limits.check(call, now)
  }

  /** After a crash calls that may have had effects fail; the others never started and go back. */
  settleLost(worker: Worker, end: WorkerEnd): void {
    const running: PendingCall[] = []
    const back: PendingCall[] = []
    const crashed: [call: PendingCall, error: CallError][] = []
    for (const wire of end.lost) {
      const started = worker.hasStarted(wire)
      const call = wire.listener
      if (!(call instanceof PendingCall)) continue
      if (started) running.push(call)
      if (call.settled) continue
      if (!started && call.strict) this.loseHome(call, worker)
      else if (started || call.requeues >= maxRequeues)
        crashed.push([call, failures.crashed(call, worker, end, started, worker.hasEnded(wire))])
      else back.push(call)
    }
    const failed = crashed.map(([call]) => call)
    const session = this.#guards.crashed(failed, running)
    if (session !== undefined) this.#refuseSession(session)
    for (const [call, error] of crashed) this.#failOrRetry(call, error)
    for (const call of back) {
      if (call.settled) continue
      call.requeues += 1
      this.#options.counters.requeued += 1
      this.#putBack(call, worker, "crash")
    }
  }

  /** A strict session's call that had not started waits for the session to be rebuilt, or fails. */
  loseHome(call: PendingCall, worker: Worker): void {
    if (call.settled) return
    if (!this.#dispatcher.awaitRebuild(call)) this.fail(call, failures.sessionLost(call, worker.id))
  }

  // What the calls themselves report.

  ended(call: PendingCall, success: boolean): void {
    const { counters, events, onEnded } = this.#options
    call.opened?.leave()
    this.#limits.forget(call)
    this.#retries.forget(call)
    if (success) this.#guards.answered(call)
    else counters.errors += 1
    this.#guards.ended(call)
    events.executed(call, success)
    onEnded(call)
    if (this.#calls.size === 0) for (const wake of this.#drained.splice(0)) wake()
  }

  answered(call: PendingCall, error: WireError): void {
    const { worker } = call
    if (error.code === "not_started" && worker !== undefined) {
      if (call.expiring) this.queueTimedOut(call)
      else this.#putBack(call, worker, "recall")
      return
    }
    this.#guards.answered(call)
    this.failedInWorker(call, error)
    this.#failOrRetry(call, failures.answeredWith(call, error))
  }

  failedInWorker({ worker }: PendingCall, error: WireError): void {
    const mayTaint = worker !== undefined && error.code === "tool_error"
    if (mayTaint && this.#guards.taints(worker, error.type)) this.#options.onTainted(worker)
  }

  aborted(call: PendingCall, reason: string): void {
    this.#abandon(call, failures.cancelled(call.tool, reason))
  }

  timedOut(call: PendingCall): void {
    this.#abandon(call, failures.timedOut(call, call.wire !== undefined || call.attempts > 0))
  }

  queueTimedOut(call: PendingCall): void {
    // If it has run once, what it failed with then says more.
    if (call.lastFailure !== undefined) return void this.fail(call, call.lastFailure)
    const { counters, events, lastStartError } = this.#options
    const error = failures.queueTimedOut(call, this.name, lastStartError())
    counters.queueTimeouts += 1
    events.queueTimedOut(call, error.waitedMs)
    this.fail(call, error)
  }

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

  #saturated(): CallError {
    const { maxQueue, counters, events } = this.#options
    const { waiting, workers, idle } = this.#dispatcher
    counters.poolSaturated += 1
    events.saturated(waiting, maxQueue, workers, idle)
    return failures.saturated(this.name, waiting, maxQueue, workers)
  }

  #putBack(call: PendingCall, worker: Worker, reason: "crash" | "recall"): void {
    if (this.#dispatcher.putBack(call)) this.#options.events.requeued(call, worker, reason)
  }

  #abandon(call: PendingCall, error: CallError): void {
    const { worker, wire } = call
    // The tool hears of it before it hears that its callbacks have ended, which would look like a failure of theirs.
    if (!call.settled && wire !== undefined && worker !== undefined && worker.state !== "stopped")
      worker.cancel(wire, error.message)
    this.fail(call, error)
  }

  #failOrRetry(call: PendingCall, error: CallError): void {
    // Whoever heard of what happened may have ended it meanwhile.
    if (call.settled) return
    const refused = this.#guards.refusal() ?? this.#guards.sessionRefusal(call.tool, call.session)
    if (refused !== undefined || !this.#retries.take(call, error)) this.fail(call, error)
  }

  #retried(call: PendingCall, workerId: string, delayMs: number): void {
    this.#limits.watch(call)
    this.#options.counters.retried += 1
    this.#options.events.retried(call, workerId, delayMs)
  }

  #makeAgain(call: PendingCall): void {
    const isLost = this.#dispatcher.lostFor(call) !== undefined
    if (isLost && call.lastFailure !== undefined) this.fail(call, call.lastFailure)
    else if (call.madeBy === undefined || !this.#placeAgain(call)) this.#dispatcher.resume(call)
  }

  /** A nested call may run inside its ancestor, which waits for it. */
  #placeAgain(call: PendingCall): boolean {
    try {
      return this.#dispatcher.place(call)
    } catch (error) {
      this.fail(call, isCallError(error) ? error : failures.unsendable(call.tool, error))
      return true
    }
  }

  /** What a session has under way goes on; what has not started does not begin. */
  #refuseSession(session: string): void {
    for (const call of this.#calls.toArray()) {
      if (call.session !== session || call.started) continue
      const error = this.#guards.sessionRefusal(call.tool, session)
      if (error !== undefined) this.#abandon(call, error)
    }
  }
}
