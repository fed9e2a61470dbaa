import { Connection } from "../connection/connection.js"
import type { IncomingCall } from "../connection/incoming-call.js"
import type { CallListener, CallRequest, OutgoingCall } from "../connection/outgoing-call.js"
import type { ExitInfo, LaunchedWorker, OutputLine } from "../process/launched.js"
import { printable, printableLines } from "../process/printable.js"
import { startTimer } from "../process/timer.js"
import type { EventFrame, LogFrame } from "../protocol/frame.js"
import type { Hello } from "../protocol/handshake.js"
import type { ToolSpec } from "../protocol/tools.js"
import type { LogRecord } from "../telemetry/events.js"
import type { CloseReason, FrameChannel } from "../transport/transport.js"
import { CallLine } from "./call-line.js"
import { describeEnd } from "./describe-end.js"
import { Graces } from "./graces.js"
import { within } from "./within.js"

/** How long the end of a channel waits for the exit, and an exit for the rest of what was printed. */
const settleMs = 100

/** Why a worker is gone, and what it left undone. */
export interface WorkerEnd {
  /** It was asked to stop. */
  readonly expected: boolean
  readonly exit: ExitInfo | undefined
  /** For people: `was killed by SIGKILL`, `broke the protocol: …`. */
  readonly cause: string
  /** Calls without an answer, oldest first. */
  readonly lost: readonly OutgoingCall[]
}

/** What the pool wants to hear of its workers. */
export interface WorkerListener {
  onHostCall(worker: Worker, call: IncomingCall): void
  onAnswered(worker: Worker): void
  /** It was congested, and is not any more. */
  onWritable(worker: Worker): void
  /** It should be replaced, once: a call does not stop and has been written off. The others run on. */
  onWornOut(worker: Worker, reason: "stuck"): void
  onStopped(worker: Worker, end: WorkerEnd): void
  onLog(record: LogRecord): void
  onEvent(worker: Worker, frame: EventFrame): void
}

export interface WorkerOptions {
  readonly id: string
  readonly pool: string
  readonly hello: Hello
  readonly launched: LaunchedWorker
  readonly channel: FrameChannel
  readonly cancelGraceMs: number
  readonly listener: WorkerListener
}

/** One process and the connection to it. Ready until it is told to stop, or ends by itself. */
export class Worker {
  readonly id: string
  readonly pool: string
  readonly hello: Hello
  readonly startedAt = performance.now()
  readonly connection: Connection
  /** Its declared tools by name; `null` when it declares none. */
  readonly tools: ReadonlyMap<string, ToolSpec> | null
  /** Settles when the process is gone and its calls were handed back. */
  readonly stopped: Promise<WorkerEnd>
  /** Calls it has answered. */
  requests = 0
  /** Resident memory of its process when it was last looked at, in bytes. */
  memory: number | undefined
  readonly #options: WorkerOptions
  readonly #line: CallLine
  readonly #graces: Graces
  #wornOut = false
  #state: "ready" | "draining" | "stopped" = "ready"
  #killedBecause: string | undefined
  /** It has sent what cannot be read, and may have gone on with any of its calls behind that. */
  #unreadable = false

  constructor(options: WorkerOptions) {
    this.id = options.id
    this.pool = options.pool
    this.hello = options.hello
    const { tools } = options.hello
    this.tools = tools === null ? null : new Map(tools.map((tool) => [tool.name, tool]))
    this.#options = options
    const { listener, launched, channel } = options
    this.#line = new CallLine(options.hello.concurrency, () => channel.startedUpTo)
    this.#graces = new Graces(options.cancelGraceMs, (call) => this.#onGraceOver(call))
    let onClosed: (reason: CloseReason) => void = () => {}
    const closed = new Promise<CloseReason>((resolve) => {
      onClosed = resolve
    })
    this.connection = new Connection(channel, {
      onCall: (call) => listener.onHostCall(this, call),
      onLog: (frame) => listener.onLog(this.#logRecord(frame)),
      onEvent: (frame) => listener.onEvent(this, frame),
      onAnswered: (call, started) => this.#onAnswered(call, started),
      onClosed,
    })
    channel.onWritable(() => listener.onWritable(this))
    this.stopped = this.#watch(closed, launched)
  }

  get pid(): number | null {
    return this.#options.launched.pid ?? this.hello.pid
  }

  get state(): "ready" | "busy" | "draining" | "stopped" {
    return this.#state === "ready" && this.#line.size > 0 ? "busy" : this.#state
  }

  /** Accepts calls. */
  get live(): boolean {
    return this.#state === "ready" && !this.connection.closed
  }

  /** Calls it runs at a time, without those that do not stop. */
  get concurrency(): number {
    return this.#line.concurrency
  }

  /** Top-level calls without an answer, but for those that do not stop. */
  get load(): number {
    return this.#line.size
  }

  /** A call was told to stop, and did not: nobody counts on it or its slot any more. */
  get stuck(): boolean {
    return this.#line.stuck > 0
  }

  /** How many of them have not started. */
  get waiting(): number {
    return this.#line.waiting
  }

  /** When the oldest unanswered call became the oldest. */
  get headSince(): number {
    return this.#line.headSince
  }

  /** Serves `cancel` while a tool runs, so that a call may be sent ahead and taken back. */
  get canRecall(): boolean {
    return this.hello.features.has("cancel")
  }

  /** Whether what it was sent has left, but for a little. */
  get writable(): boolean {
    return this.#options.channel.writable
  }

  /** Calls that are still behind others, oldest first. */
  notStarted(): OutgoingCall[] {
    return this.#line.notStarted()
  }

  /** Whether it may have started. */
  hasStarted(call: OutgoingCall): boolean {
    if (call.request.parent !== undefined) return true
    if (this.#unreadable && this.#options.channel.startedUpTo === undefined) return true
    return this.#line.hasStarted(call)
  }

  /** Whether it is certain that the call has ended in the worker, though its answer did not come. */
  hasEnded(call: OutgoingCall): boolean {
    return this.#line.hasEnded(call)
  }

  /** @throws {InvalidValue} when the arguments cannot be sent. */
  send(request: CallRequest, listener: CallListener): OutgoingCall {
    const call = this.connection.call(this.#asSpoken(request), listener)
    if (request.parent === undefined) this.#line.push(call)
    return call
  }

  /** A worker that cannot stream answers a stream call with one result, which becomes its one chunk. */
  #asSpoken(request: CallRequest): CallRequest {
    if (request.stream !== true || this.hello.features.has("stream")) return request
    const { stream: _, credit: __, ...unary } = request
    return unary
  }

  /**
   * Tells the worker to stop a call. One that has not ended after the grace period costs a worker that runs nothing else
   * its life; of one that runs calls side by side it is written off with the slot that it holds.
   */
  cancel(call: OutgoingCall, reason: string): void {
    this.connection.cancel(call, reason)
    this.#graces.start(call)
  }

  recall(call: OutgoingCall): void {
    this.connection.recall(call)
  }

  kill(because: string): void {
    this.#killedBecause ??= because
    this.#options.launched.kill()
  }

  /** Lets running calls finish, then ends the process; by force after `graceMs`. */
  async stop(graceMs: number): Promise<WorkerEnd> {
    if (this.#state === "ready") {
      this.#state = "draining"
      this.connection.drain(graceMs)
    }
    this.#endIfStuck()
    const terminate = (): void => void this.#options.launched.terminate(Math.min(graceMs, 500))
    const timer = startTimer(graceMs, terminate)?.unref()
    const end = await this.stopped
    clearTimeout(timer)
    return end
  }

  /** Lines it printed that were not passed on: too many. */
  get droppedLines(): number {
    return this.#options.launched.droppedLines
  }

  stderrTail(): string {
    return this.#options.launched.stderrTail()
  }

  /** A line of output, tied to the call that runs, when exactly one does. */
  onOutput(line: OutputLine): void {
    this.#options.listener.onLog({
      level: line.stream === "stdout" ? "info" : "warn",
      message: line.text,
      source: line.stream,
      ...this.#origin(),
    })
  }

  #logRecord(frame: LogFrame): LogRecord {
    const { level, logger } = frame
    const named = logger !== undefined && { logger: printable(logger) }
    const call = frame.call === undefined ? undefined : this.connection.find(frame.call)
    const origin = this.#origin(call?.request.tool)
    return { level, message: printableLines(frame.message), source: "log", ...named, ...origin }
  }

  #origin(known?: string): Pick<LogRecord, "workerId" | "pool" | "tool"> {
    const alone = this.hello.concurrency === 1 ? this.#line.head?.request.tool : undefined
    const tool = known ?? alone
    return { workerId: this.id, pool: this.pool, ...(tool !== undefined && { tool }) }
  }

  #onGraceOver(call: OutgoingCall): void {
    // A call that waits behind another one is not refusing anything; its turn to be judged comes.
    if (!this.hasStarted(call)) return this.#graces.start(call)
    const because = `"${call.request.tool}" did not stop within ${this.#options.cancelGraceMs} ms`
    if (this.hello.concurrency === 1) return this.kill(because)
    this.#line.writeOff(call)
    if (this.concurrency === 0) return this.kill(`${because}, like every other call that it ran`)
    if (!this.#wornOut) {
      this.#wornOut = true
      this.#options.listener.onWornOut(this, "stuck")
    }
    this.#endIfStuck()
  }

  /** What does not stop is not waited for. */
  #endIfStuck(): void {
    if (this.#state === "draining" && this.#line.size === 0 && this.#line.stuck > 0)
      this.kill("a call did not stop")
  }

  #onAnswered(call: OutgoingCall, started: boolean): void {
    this.#line.leave(call)
    this.#graces.end(call)
    if (started) this.requests += 1
    this.#options.listener.onAnswered(this)
    this.#endIfStuck()
  }

  /**
   * A worker that is dead is still read to the end of its channel, which the launcher bounds: late results count.
   * One that lost its channel has a moment to exit by itself, and then to have its last words read.
   */
  async #watch(closed: Promise<CloseReason>, launched: LaunchedWorker): Promise<WorkerEnd> {
    const first = await Promise.race([closed, launched.exited.then(() => undefined)])
    const expected = this.#state === "draining"
    this.#unreadable = (first ?? (await closed)).kind === "protocol"
    if (first !== undefined) {
      if (!expected) launched.kill()
      await (expected ? launched.exited : within(settleMs, launched.exited))
    }
    if (!expected) await within(settleMs, launched.drained)
    this.#state = "stopped"
    this.#graces.endAll()
    const exit = launched.exitInfo
    const cause = this.#killedBecause ?? describeEnd(first, exit, this.memory)
    const end: WorkerEnd = { expected, exit, cause, lost: this.connection.unanswered() }
    this.#options.listener.onStopped(this, end)
    return end
  }
}
