import type { Leavable, LinkedList, Place } from "../../collections/linked-list.js"
import type { IncomingCall } from "../../connection/incoming-call.js"
import type { CallListener, CallRequest, OutgoingCall } from "../../connection/outgoing-call.js"
import type { CallError } from "../../errors/errors.js"
import type { ChunkFrame, Meta, WireError } from "../../protocol/frame.js"
import type { Worker } from "../../worker/worker.js"
import type { Affinity } from "../dispatch/bindings.js"
import { type Priority, rankOf } from "../dispatch/priority.js"
import type { Alarm } from "./alarms.js"
import { onAbort } from "./on-abort.js"

/** Where the outcome of a call goes. Exactly one of `onResult`, a final `onChunk` and `onFailure` is called. */
export interface CallSink {
  onResult(value: unknown, meta: Meta): void
  onChunk(chunk: ChunkFrame): void
  onFailure(error: CallError): void
}

/** A session, as far as its calls concern it. */
export interface SessionLease {
  readonly id: string
  /** `undefined`: that of the pool. */
  readonly affinity: Affinity | undefined
  /** Its open calls, of all pools. While there is one, the session does not expire. */
  readonly calls: LinkedList<PendingCall>
  /** It was closed, or has expired. */
  readonly ended: boolean
  /** When it was used last, on the clock of `performance.now`. */
  usedAt: number
}

/** A call as a pool takes it. Times are milliseconds; `Infinity` means no limit. */
export interface Submission {
  readonly request: CallRequest
  readonly timeoutMs: number
  readonly queueTimeoutMs: number
  readonly signal?: AbortSignal | undefined
  readonly sink: CallSink
  /** Its session, as long as it is open. */
  readonly lease?: SessionLease | undefined
  /** How its session is tied to a worker. Default `hint`. */
  readonly affinity?: Affinity | undefined
  /** It rebuilds a strict session that has lost its worker. */
  readonly rebuilds?: boolean | undefined
  /** Default `normal`. */
  readonly priority?: Priority | undefined
  /** To run it twice does no harm. Default false. */
  readonly idempotent?: boolean | undefined
}

/** A callback, as the calls that it makes see it. */
export interface CallMaker {
  /** Calls it made that are still open; they end with it. */
  readonly open: Set<PendingCall>
  /** It was answered; nothing can be made by it any more. */
  readonly ended: boolean
  /** The pool of the worker that calls back. */
  readonly owner: { readonly name: string } | undefined
  /** It serves a call that rebuilds a strict session. */
  readonly rebuilds: boolean
  /** Callbacks within callbacks: 1 for the outermost. */
  readonly depth: number
  readonly deadline: number
  readonly session: string | undefined
  /** The nearest ancestor that fits, and the callback it waits for: it is blocked, so it can serve nested calls. */
  blocked(fits: (worker: Worker) => boolean): { readonly worker: Worker; readonly id: number } | undefined
}

/** What a pending call asks of its pool. */
export interface CallOwner {
  readonly name: string
  /** It has its outcome; whoever made it hears of it next. */
  ended(call: PendingCall, success: boolean): void
  answered(call: PendingCall, error: WireError): void
  /** Nobody waits for the answer any more, but it says something of the worker. */
  failedInWorker(call: PendingCall, error: WireError): void
  aborted(call: PendingCall, reason: string): void
}

/** An accepted call, from submission until it is settled. It may change workers before it starts. */
export class PendingCall implements CallListener {
  readonly acceptedAt = performance.now()
  /** That of its priority: the less, the more urgent. */
  readonly rank: number
  readonly deadline: number
  /** When it has to be with a worker. */
  queueDeadline: number
  /** Callbacks its tool is waiting for. */
  #hostCalls: Set<IncomingCall> | undefined
  worker: Worker | undefined
  wire: OutgoingCall | undefined
  settled = false
  /** Its places among its pool's open calls and in the queue, and the alarm of its next limit. */
  opened: Place<PendingCall> | undefined
  leased: Place<PendingCall> | undefined
  queued: Leavable | undefined
  alarm: Alarm<PendingCall> | undefined
  /** Times it was taken from a dead worker. */
  requeues = 0
  /** Its time in the queue is over; it is being recalled. */
  expiring = false
  /** Times it has run and failed, and was to be made again; and how it failed last. */
  attempts = 0
  lastFailure: CallError | undefined
  /** Its caller has got a chunk. */
  delivered = false
  #ignoreSignal: (() => void) | undefined

  constructor(
    readonly submission: Submission,
    /** The callback that made this call. */
    readonly madeBy: CallMaker | undefined,
    readonly owner: CallOwner,
  ) {
    this.rank = rankOf(submission.priority)
    const inherited = madeBy?.deadline ?? Number.POSITIVE_INFINITY
    this.deadline = Math.min(this.acceptedAt + submission.timeoutMs, inherited)
    this.queueDeadline = this.acceptedAt + submission.queueTimeoutMs
    const { signal } = submission
    if (signal !== undefined)
      this.#ignoreSignal = onAbort(signal, () => this.owner.aborted(this, "its signal was aborted"))
  }

  get tool(): string {
    return this.submission.request.tool
  }

  get session(): string | undefined {
    return this.submission.request.session
  }

  /** No worker but its session's own may run it. */
  get strict(): boolean {
    const { affinity } = this.submission
    return affinity !== undefined && affinity !== "hint"
  }

  get failsFast(): boolean {
    return this.submission.affinity === "strict_fail_fast"
  }

  get rebuilds(): boolean {
    return this.submission.rebuilds === true
  }

  /** To run it twice does no harm. */
  get idempotent(): boolean {
    return this.submission.idempotent === true
  }

  /** A worker may be running it. */
  get started(): boolean {
    return this.worker !== undefined && this.wire !== undefined && this.worker.hasStarted(this.wire)
  }

  /** The request with the time that is left. */
  requestNow(parent: number | undefined): CallRequest {
    const { tool, args, stream, credit, session, meta } = this.submission.request
    const left = this.deadline - performance.now()
    const deadlineMs = Number.isFinite(left) ? Math.max(1, Math.ceil(left)) : undefined
    return { tool, args, stream, credit, session, deadlineMs, parent, meta }
  }

  /** The next of its limits, so that one alarm serves both. */
  get nextLimit(): number {
    return this.started || this.expiring ? this.deadline : Math.min(this.deadline, this.queueDeadline)
  }

  addHostCall(hostCall: IncomingCall): void {
    this.#hostCalls ??= new Set()
    this.#hostCalls.add(hostCall)
  }

  deleteHostCall(hostCall: IncomingCall): void {
    this.#hostCalls?.delete(hostCall)
  }

  onResult(value: unknown, meta: Meta | undefined): void {
    if (this.#settle(true)) this.submission.sink.onResult(value, meta ?? {})
  }

  onChunk(chunk: ChunkFrame): void {
    this.delivered = true
    if (chunk.final === true ? this.#settle(true) : !this.settled) this.submission.sink.onChunk(chunk)
  }

  onError(error: WireError): void {
    if (this.settled) this.owner.failedInWorker(this, error)
    else this.owner.answered(this, error)
  }

  /** It has failed, and is made again at some time: nothing of its last attempt counts any more. */
  startOver(failure: CallError, at: number): void {
    this.attempts += 1
    this.lastFailure = failure
    this.worker = undefined
    this.wire = undefined
    this.expiring = false
    this.queueDeadline = at + this.submission.queueTimeoutMs
    this.#endHostCalls()
  }

  /** @returns whether this was the first ending. */
  fail(error: CallError): boolean {
    if (!this.#settle(false)) return false
    this.submission.sink.onFailure(error)
    return true
  }

  /** Ends a call that was refused: its caller hears of that by an exception. */
  discard(): void {
    if (this.settled) return
    this.settled = true
    this.#letGo()
  }

  #settle(success: boolean): boolean {
    if (this.settled) return false
    this.settled = true
    this.#letGo()
    this.#endHostCalls()
    this.owner.ended(this, success)
    return true
  }

  #endHostCalls(): void {
    for (const hostCall of this.#hostCalls ?? []) hostCall.cancel(`"${this.tool}" has ended`)
    this.#hostCalls = undefined
  }

  #letGo(): void {
    this.#ignoreSignal?.()
    const { lease } = this.submission
    if (lease !== undefined && this.leased?.leave() === true) lease.usedAt = performance.now()
    this.madeBy?.open.delete(this)
  }
}
