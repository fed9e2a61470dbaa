import type { Adapter, Args, NamedArgs } from "../adapter/adapter.js"
import { type CallError, InvalidConfig } from "../errors/errors.js"
import { offerNames } from "../errors/offer-names.js"
import { ChunkQueue } from "../pool/calls/chunk-queue.js"
import type { CallMaker, CallSink, PendingCall } from "../pool/calls/pending-call.js"
import type { Affinity } from "../pool/dispatch/bindings.js"
import type { RunningPool } from "../pool/running-pool.js"
import type { KeepAlive } from "../process/keep-alive.js"
import { show } from "../protocol/violation.js"
import { isRebuilding } from "../session/rebuilding.js"
import type { SessionEntry, SessionTable } from "../session/session-table.js"
import {
  type CallOptions,
  checkRequest,
  creditOf,
  isMillis,
  type StreamOptions,
  toMillis,
} from "./call-options.js"
import { checkCall } from "./checks.js"

const callTimeoutMs = 30_000
const streamTimeoutMs = 300_000

/** A pool with what a client needs to know of its configuration. */
export interface ClientPool extends RunningPool {
  readonly queueTimeoutMs: number
  readonly affinity: Affinity
}

/** Hears how a call ended. */
export interface CallOutcome {
  onValue(value: unknown): void
  /** A `CallError`, or what a hook of the adapter threw. */
  onError(error: unknown): void
}

/** What calls of a session handle bring along. */
export interface SubmitOptions extends StreamOptions {
  /** The session, which is made if need be; `undefined` leaves that to the option `session`. */
  use?(): SessionEntry
}

/** A stream that was accepted: take from its queue, or cancel it. */
export interface OpenStream {
  readonly queue: ChunkQueue
  readonly call: PendingCall
  /** The adapter's last word on each chunk's data. */
  process(value: unknown): unknown
  cancel(reason: string): void
}

/** Turns what a user asks for into calls of a pool. Both faces, and every host tool, call through it. */
export class Client {
  constructor(
    readonly pools: ReadonlyMap<string, ClientPool>,
    readonly sessions: SessionTable,
    readonly keepAlive: KeepAlive,
  ) {}

  /** Calls a tool. The program is kept alive until the call has ended. Rejects with a `CallError`. */
  execute(tool: string, args: Args, options: SubmitOptions, madeBy: CallMaker | undefined): Promise<unknown> {
    return new Promise((onValue, onError) => {
      this.begin(tool, args, options, madeBy, { onValue, onError })
    })
  }

  /** Begins a call: exactly one of the outcome's two functions hears how it ended. @returns what cancels it. */
  begin(
    tool: string,
    args: Args,
    options: SubmitOptions,
    madeBy: CallMaker | undefined,
    outcome: CallOutcome,
  ): (reason: string) => void {
    this.keepAlive.acquire()
    try {
      checkRequest(tool, options)
      const pool = this.#poolFor(options)
      const sink = new UnarySink(tool, pool.options.adapter, this.keepAlive, outcome)
      const call = this.#submit(pool, { tool, args, stream: false }, options, sink, madeBy)
      return (reason) => pool.pool.cancel(call, reason)
    } catch (error) {
      this.keepAlive.release()
      outcome.onError(error)
      return () => {}
    }
  }

  /** Opens a stream. @throws {CallError} when it is refused. */
  open(tool: string, args: Args, options: SubmitOptions, madeBy: CallMaker | undefined): OpenStream {
    checkRequest(tool, options)
    const pool = this.#poolFor(options)
    const queue = new ChunkQueue()
    const call = this.#submit(pool, { tool, args, stream: true }, options, queue, madeBy)
    queue.call = call
    const { adapter } = pool.options
    return {
      queue,
      call,
      process: (value) =>
        adapter.processResponse === undefined ? value : adapter.processResponse(tool, value),
      cancel: (reason) => {
        pool.pool.cancel(call, reason)
        queue.discard()
      },
    }
  }

  #submit(
    pool: ClientPool,
    what: { readonly tool: string; readonly args: Args; readonly stream: boolean },
    options: SubmitOptions,
    sink: CallSink,
    madeBy: CallMaker | undefined,
  ): PendingCall {
    const { tool, stream } = what
    const args = checkCall(pool.options.adapter, pool.pool.tools, what, options.binary)
    const session = options.session ?? this.#inherited(madeBy)
    const request = {
      tool,
      args,
      stream: stream ? true : undefined,
      credit: stream ? creditOf(tool, options) : undefined,
      session,
      meta: options.meta,
    }
    const timeoutMs = timeoutOf(pool, request, options)
    const queueTimeoutMs =
      options.queueTimeout === undefined
        ? pool.queueTimeoutMs
        : toMillis(options.queueTimeout, "queueTimeout")
    const { signal, priority, idempotent } = options
    // What will be refused makes no session.
    const rebuilds = session !== undefined && this.#rebuilds(session, madeBy)
    if (session !== undefined) pool.pool.check({ request, signal, rebuilds }, madeBy)
    const lease = session === undefined ? undefined : (options.use?.() ?? this.sessions.use(session))
    const affinity = lease === undefined ? undefined : (lease.affinity ?? pool.affinity)
    const submission = {
      request,
      timeoutMs,
      queueTimeoutMs,
      signal,
      sink,
      lease,
      affinity,
      rebuilds,
      priority,
      idempotent,
    }
    return pool.pool.submit(submission, madeBy)
  }

  #rebuilds(session: string, madeBy: CallMaker | undefined): boolean {
    const entry = this.sessions.get(session)
    return (entry !== undefined && isRebuilding(entry)) || rebuildsToo(madeBy, session)
  }

  /** The session of the call whose tool calls back, unless that belongs to other pools than these. */
  #inherited(madeBy: CallMaker | undefined): string | undefined {
    const owner = madeBy?.owner
    return owner !== undefined && this.pools.get(owner.name)?.pool === owner ? madeBy?.session : undefined
  }

  #poolFor(options: CallOptions): ClientPool {
    const name = options.pool ?? (this.pools.size === 1 ? [...this.pools.keys()][0] : "default")
    const pool = name === undefined ? undefined : this.pools.get(name)
    if (pool !== undefined) return pool
    const text = typeof name === "string" ? name : show(name)
    const offer = offerNames(text, this.pools.keys(), "the pools are")
    throw new InvalidConfig({ message: `there is no pool "${text}"${offer}`, key: "pool" })
  }
}

/** A callback of a call that rebuilds a session does so, too. */
function rebuildsToo(madeBy: CallMaker | undefined, session: string): boolean {
  return madeBy?.rebuilds === true && madeBy.session === session
}

function timeoutOf(
  pool: ClientPool,
  what: { readonly tool: string; readonly args: NamedArgs; readonly stream?: boolean | undefined },
  options: CallOptions,
): number {
  if (options.timeout !== undefined) return toMillis(options.timeout, "timeout")
  const { adapter } = pool.options
  const ms = adapter.commandTimeout?.(what.tool, what.args)
  if (ms === undefined || ms === null) return what.stream === true ? streamTimeoutMs : callTimeoutMs
  if (isMillis(ms)) return ms
  const message = `commandTimeout of ${adapter.name} must give milliseconds, not ${show(ms)}`
  throw new InvalidConfig({ message, key: "commandTimeout" })
}

/** Where a call that is no stream ends. */
class UnarySink implements CallSink {
  constructor(
    readonly tool: string,
    readonly adapter: Adapter,
    readonly keepAlive: KeepAlive,
    readonly outcome: CallOutcome,
  ) {}

  onResult(value: unknown): void {
    this.keepAlive.release()
    const { adapter, outcome } = this
    if (adapter.processResponse === undefined) return outcome.onValue(value)
    let processed: unknown
    try {
      processed = adapter.processResponse(this.tool, value)
    } catch (error) {
      return outcome.onError(error)
    }
    outcome.onValue(processed)
  }

  onChunk(): void {}

  onFailure(error: CallError): void {
    this.keepAlive.release()
    this.outcome.onError(error)
  }
}
