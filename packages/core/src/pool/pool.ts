import { cancelled } from "../connection/answer.js"
import type { IncomingCall } from "../connection/incoming-call.js"
import type { EventFrame } from "../protocol/frame.js"
import { maxNesting } from "../protocol/limits.js"
import type { ToolSpec } from "../protocol/tools.js"
import type { LogRecord } from "../telemetry/events.js"
import type { Worker, WorkerEnd, WorkerListener } from "../worker/worker.js"
import * as failures from "./calls/failures.js"
import { Guards, isPartOfAnother } from "./calls/guards.js"
import { HostCall } from "./calls/nesting.js"
import { OpenCalls } from "./calls/open-calls.js"
import { type CallMaker, PendingCall, type Submission } from "./calls/pending-call.js"
import { Dispatcher } from "./dispatch/dispatcher.js"
import type { LostSessions } from "./dispatch/session-placement.js"
import { PoolEvents } from "./pool-events.js"
import type { PoolOptions } from "./pool-options.js"
import { Retirements } from "./retirements.js"
import { Counters, type PoolStats } from "./stats.js"
import { isSpoiled, type RecycleReason, type SpoiledReason } from "./supervisor/recycle.js"

/** What it takes to see whether a call is refused. */
type Checked = Pick<Submission, "request" | "signal" | "rebuilds">

/** Takes calls and brings them to workers. Plain and synchronous: nothing here waits. */
export class Pool implements WorkerListener {
  readonly name: string
  readonly workers = new Set<Worker>()
  /** What the workers declare; `null` when they do not, or none was up yet. */
  tools: ReadonlyMap<string, ToolSpec> | null = null
  readonly #options: PoolOptions
  readonly #dispatcher: Dispatcher
  readonly #guards: Guards
  readonly #calls: OpenCalls
  readonly #retirements = new Retirements((worker) => this.strictSessionsOf(worker))
  readonly #counters = new Counters()
  readonly #events: PoolEvents
  #closing = false

  constructor(options: PoolOptions) {
    const { name, maxQueue, maxInFlight, retry, emitter } = options
    this.name = name
    this.#options = options
    this.#events = new PoolEvents(name, emitter)
    this.#guards = new Guards(options)
    this.#dispatcher = new Dispatcher({
      pool: name,
      maxQueue,
      maxInFlight,
      onFailed: (call, error) => this.#calls.fail(call, error),
      onExpired: (call, now) => this.#calls.checkLimits(call, now),
    })
    this.#calls = new OpenCalls({
      name,
      maxQueue,
      retry,
      dispatcher: this.#dispatcher,
      guards: this.#guards,
      counters: this.#counters,
      events: this.#events,
      lastStartError: () => options.lastStartError(),
      onEnded: ({ worker }) => this.#retirements.check(worker),
      onTainted: (worker) => this.onWornOut(worker, "tainted"),
    })
  }

  // What clients ask for.

  /** Refuses what needs no worker to be refused. @throws {CallError} */
  check({ request: { tool }, signal, rebuilds }: Checked, madeBy: CallMaker | undefined): void {
    if (this.#closing && madeBy === undefined) throw failures.poolClosed(this.name)
    if (signal?.aborted === true) throw failures.cancelled(tool, "its signal was aborted before it began")
    if (madeBy?.ended === true)
      throw failures.cancelled(tool, "the callback that would have made it has ended")
    if (madeBy !== undefined && madeBy.depth > maxNesting) throw failures.nestedTooDeep(tool)
    const refusal = isPartOfAnother(madeBy, { rebuilds }) ? undefined : this.#guards.refusal()
    if (refusal !== undefined) throw refusal
  }

  /**
   * Accepts a call, for a callback if one makes it.
   * @throws {CallError} when it is refused. Nothing was sent then, and the sink hears nothing.
   */
  submit(submission: Submission, madeBy: CallMaker | undefined): PendingCall {
    this.check(submission, madeBy)
    return this.#calls.accept(submission, madeBy)
  }

  /** Ends a call for its caller at once; its tool is told to stop. */
  cancel(call: PendingCall, reason: string): void {
    this.#calls.aborted(call, reason)
  }

  stats(): PoolStats {
    const { workers, idle: available, waiting } = this.#dispatcher
    const vitals = this.#options.keeper?.vitals() ?? { state: "ready", starting: 0, recycled: 0 }
    const queued = waiting + this.#calls.retrying
    const breaker = this.#guards.breakerState
    return this.#counters.snapshot({ ...vitals, workers, available, queued, breaker })
  }

  // What sessions ask for.

  /** Every worker that has served it lets go of what it keeps for it. Its calls have ended before. */
  forgetSession(session: string): void {
    this.#guards.forgetSession(session)
    this.#dispatcher.forgetSession(session)
    this.#retirements.checkAll()
    this.#options.keeper?.onSessionEnded()
  }

  /** Somebody vouches for a session that has crashed workers. */
  trustSession(session: string): void {
    this.#guards.forgetSession(session)
  }

  /** A strict session that has lost its worker goes on: where it was rebuilt, or where its next call goes. */
  rebindSession(session: string): void {
    this.#dispatcher.rebind(session)
  }

  /** A strict session could not be rebuilt: what waited for that fails. */
  giveUpSession(session: string): void {
    const { lost, waiting } = this.#dispatcher.giveUp(session)
    for (const call of waiting) this.#calls.fail(call, failures.sessionLost(call, lost))
  }

  /** Sessions that a worker may keep something for. */
  sessionsOf(worker: Worker): number {
    return this.#dispatcher.sessionsOf(worker)
  }

  /** Those of them that run there and nowhere else. */
  strictSessionsOf(worker: Worker): number {
    return this.#dispatcher.strictSessionsOf(worker)
  }

  // What the supervisor asks for.

  addWorker(worker: Worker): void {
    this.workers.add(worker)
    this.tools = worker.tools
    this.#dispatcher.addWorker(worker)
  }

  /** The worker gets nothing new. Resolves when nobody waits for it any more: calls, or strict sessions that stay. */
  retire(worker: Worker, reason: RecycleReason): Promise<void> {
    if (!this.workers.has(worker)) return Promise.resolve()
    this.#loseSessions(this.#dispatcher.retire(worker, { loseStrict: isSpoiled(reason) }), worker)
    return this.#retirements.wait(worker)
  }

  isRetiring(worker: Worker): boolean {
    return this.#retirements.has(worker)
  }

  /** A worker could not start. */
  startFailed(): void {
    this.#guards.startFailed()
  }

  /** Takes no new calls. Resolves when the accepted ones have ended. */
  drain(): Promise<void> {
    this.#closing = true
    return this.#calls.drain()
  }

  /** Fails every call that is still open. */
  abandonAll(): void {
    this.#closing = true
    this.#dispatcher.close()
    this.#calls.abandonAll()
  }

  // What callbacks ask for.

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
    this.#retirements.check(worker)
    this.#options.keeper?.onAnswered(worker)
  }

  onWritable(worker: Worker): void {
    this.#dispatcher.workerChanged(worker)
  }

  onWornOut(worker: Worker, reason: SpoiledReason): void {
    // What was written off counts no more in its load.
    this.#dispatcher.workerChanged(worker)
    this.#options.keeper?.onWornOut(worker, reason)
  }

  onStopped(worker: Worker, end: WorkerEnd): void {
    this.workers.delete(worker)
    this.#retirements.gone(worker)
    if (!end.expected) this.#counters.crashes += 1
    this.#loseSessions(this.#dispatcher.removeWorker(worker), worker)
    this.#calls.settleLost(worker, end)
    this.#dispatcher.workerChanged(worker)
  }

  onLog(record: LogRecord): void {
    this.#events.log(record)
  }

  onEvent(worker: Worker, frame: EventFrame): void {
    this.#events.ofWorker(worker, frame)
  }

  #loseSessions({ lost, held }: LostSessions, worker: Worker): void {
    for (const binding of lost) binding.rebuilding = this.#options.onSessionLost(binding.session, worker.id)
    for (const call of held) this.#calls.loseHome(call, worker)
  }
}
