import { LinkedList } from "../collections/linked-list.js"
import { Connection } from "../connection/connection.js"
import type { IncomingCall } from "../connection/incoming-call.js"
import type { CallListener, CallRequest, OutgoingCall } from "../connection/outgoing-call.js"
import type { ExitInfo, LaunchedWorker, OutputLine } from "../process/launched.js"
import { startTimer } from "../process/timer.js"
import type { EventFrame, LogFrame } from "../protocol/frame.js"
import type { Hello } from "../protocol/handshake.js"
import type { ToolSpec } from "../protocol/tools.js"
import type { LogRecord } from "../telemetry/events.js"
import type { CloseReason, FrameChannel } from "../transport/transport.js"
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
  /** When the oldest unanswered call became the oldest. */
  headSince = 0
  readonly #options: WorkerOptions
  readonly #topLevel = new LinkedList<OutgoingCall>()
  readonly #graces = new Map<OutgoingCall, NodeJS.Timeout>()
  #state: "ready" | "draining" | "stopped" = "ready"
  #killedBecause: string | undefined

  constructor(options: WorkerOptions) {
    this.id = options.id
    this.pool = options.pool
    this.hello = options.hello
    const { tools } = options.hello
    this.tools = tools === null ? null : new Map(tools.map((tool) => [tool.name, tool]))
    this.#options = options
    const { listener, launched } = options
    let onClosed: (reason: CloseReason) => void = () => {}
    const closed = new Promise<CloseReason>((resolve) => {
      onClosed = resolve
    })
    this.connection = new Connection(options.channel, {
      onCall: (call) => listener.onHostCall(this, call),
      onLog: (frame) => listener.onLog(this.#logRecord(frame)),
      onEvent: (frame) => listener.onEvent(this, frame),
      onAnswered: (call, started) => this.#onAnswered(call, started),
      onClosed,
    })
    options.channel.onWritable(() => listener.onWritable(this))
    this.stopped = this.#watch(closed, launched)
  }

  get pid(): number | null {
    return this.#options.launched.pid ?? this.hello.pid
  }

  get state(): "ready" | "busy" | "draining" | "stopped" {
    return this.#state === "ready" && this.#topLevel.size > 0 ? "busy" : this.#state
  }

  /** Accepts calls. */
  get live(): boolean {
    return this.#state === "ready" && !this.connection.closed
  }

  /** Calls it runs at a time. */
  get concurrency(): number {
    return this.hello.concurrency
  }

  /** Top-level calls without an answer. */
  get load(): number {
    return this.#topLevel.size
  }

  /** How many of them have not started. */
  get waiting(): number {
    return Math.max(0, this.#topLevel.size - this.hello.concurrency)
  }

  /** Serves `cancel` while a tool runs, so that a call may be sent ahead and taken back. */
  get canRecall(): boolean {
    return this.hello.features.has("cancel")
  }

  /** Whether what it was sent has left, but for a little. */
  get writable(): boolean {
    return this.#options.channel.writable
  }

  /** The oldest unanswered call: the one that runs, when calls run one at a time. */
  get head(): OutgoingCall | undefined {
    return this.#topLevel.first
  }

  /** Calls that are still behind others, oldest first. */
  notStarted(): OutgoingCall[] {
    const calls = this.#topLevel.toArray()
    const { startedUpTo } = this.#options.channel
    if (startedUpTo !== undefined) return calls.filter((call) => call.id > startedUpTo)
    return calls.slice(this.hello.concurrency)
  }

  /** Whether it may have started. */
  hasStarted(call: OutgoingCall): boolean {
    if (call.request.parent !== undefined) return true
    const { startedUpTo } = this.#options.channel
    if (startedUpTo !== undefined) return call.id <= startedUpTo
    let ahead = 0
    const last = this.#topLevel.find((other) => other === call || ++ahead >= this.hello.concurrency)
    return last === call
  }

  /** Whether it is certain that the call has ended in the worker, though its answer did not come. */
  hasEnded(call: OutgoingCall): boolean {
    const { startedUpTo } = this.#options.channel
    return this.hello.concurrency === 1 && startedUpTo !== undefined && call.id < startedUpTo
  }

  /** @throws {InvalidValue} when the arguments cannot be sent. */
  send(request: CallRequest, listener: CallListener): OutgoingCall {
    const call = this.connection.call(this.#asSpoken(request), listener)
    if (request.parent === undefined) {
      if (this.#topLevel.size === 0) this.headSince = performance.now()
      call.place = this.#topLevel.push(call)
    }
    return call
  }

  /** A worker that cannot stream answers a stream call with one result, which becomes its one chunk. */
  #asSpoken(request: CallRequest): CallRequest {
    if (request.stream !== true || this.hello.features.has("stream")) return request
    const { stream: _, credit: __, ...unary } = request
    return unary
  }

  /** Tells the worker to stop a call, and kills it when the call has not ended after the grace period. */
  cancel(call: OutgoingCall, reason: string): void {
    this.connection.cancel(call, reason)
    if (!this.#graces.has(call)) this.#armGrace(call)
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
    const timer = startTimer(graceMs, () => void this.#options.launched.terminate(Math.min(graceMs, 500)))
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
    const { level, message, logger } = frame
    return { level, message, source: "log", ...(logger !== undefined && { logger }), ...this.#origin() }
  }

  #origin(): Pick<LogRecord, "workerId" | "pool" | "tool"> {
    const tool = this.hello.concurrency === 1 ? this.head?.request.tool : undefined
    return { workerId: this.id, pool: this.pool, ...(tool !== undefined && { tool }) }
  }

  #armGrace(call: OutgoingCall): void {
    const { cancelGraceMs } = this.#options
    const timer = startTimer(cancelGraceMs, () => {
      // A call that waits behind another one is not refusing anything; its turn to be judged comes.
      if (this.hasStarted(call)) this.kill(`"${call.request.tool}" did not stop within ${cancelGraceMs} ms`)
      else this.#armGrace(call)
    })
    if (timer !== undefined) this.#graces.set(call, timer.unref())
  }

  #onAnswered(call: OutgoingCall, started: boolean): void {
    if (call === this.head) this.headSince = performance.now()
    call.place?.leave()
    const grace = this.#graces.get(call)
    if (grace !== undefined) {
      clearTimeout(grace)
      this.#graces.delete(call)
    }
    if (started) this.requests += 1
    this.#options.listener.onAnswered(this)
  }

  /**
   * A worker that is dead is still read to the end of its channel, which the launcher bounds: late results count.
   * One that lost its channel has a moment to exit by itself, and then to have its last words read.
   */
  async #watch(closed: Promise<CloseReason>, launched: LaunchedWorker): Promise<WorkerEnd> {
    const first = await Promise.race([closed, launched.exited.then(() => undefined)])
    const expected = this.#state === "draining"
    if (first === undefined) {
      await closed
    } else {
      if (!expected) launched.kill()
      await (expected ? launched.exited : within(settleMs, launched.exited))
    }
    if (!expected) await within(settleMs, launched.drained)
    this.#state = "stopped"
    for (const timer of this.#graces.values()) clearTimeout(timer)
    const exit = launched.exitInfo
    const cause = this.#killedBecause ?? describeEnd(first, exit)
    const end: WorkerEnd = { expected, exit, cause, lost: this.connection.unanswered() }
    this.#options.listener.onStopped(this, end)
    return end
  }
}

function describeEnd(reason: CloseReason | undefined, exit: ExitInfo | undefined): string {
  if (reason?.kind === "protocol") return `broke the protocol: ${reason.message}`
  if (reason?.kind === "io") return `lost its channel: ${reason.message}`
  if (exit?.signal === "SIGKILL") return "was killed by SIGKILL, possibly out of memory"
  if (exit?.signal) return `was killed by ${exit.signal}`
  if (exit !== undefined) return `exited with code ${exit.code}`
  return "closed its channel"
}
