import { Effect } from "effect"
import type { Args } from "../adapter/adapter.js"
import { type CallError, InvalidConfig, InvalidParameter } from "../errors/errors.js"
import { ChunkQueue } from "../pool/chunk-queue.js"
import type { CallMaker, CallSink, PendingCall } from "../pool/pending-call.js"
import type { RunningPool } from "../pool/run-pool.js"
import type { KeepAlive } from "../process/keep-alive.js"
import { type CallOptions, type StreamOptions, toMillis } from "./call-options.js"
import { checkCall } from "./checks.js"

const callTimeoutMs = 30_000
const streamTimeoutMs = 300_000

/** A pool with what a client needs to know of its configuration. */
export interface ClientPool extends RunningPool {
  readonly queueTimeoutMs: number
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
    readonly keepAlive: KeepAlive,
  ) {}

  /** The program is kept alive until the call has ended. Interrupting the effect cancels the call. */
  execute(
    tool: string,
    args: Args,
    options: CallOptions,
    madeBy: CallMaker | undefined,
  ): Effect.Effect<unknown, CallError> {
    return Effect.callback<unknown, CallError>((resume) => {
      this.keepAlive.acquire()
      const finish = (outcome: Effect.Effect<unknown, CallError>): void => {
        this.keepAlive.release()
        resume(outcome)
      }
      try {
        const pool = this.#poolFor(options)
        const { adapter } = pool.options
        const sink: CallSink = {
          onResult: (value) =>
            finish(Effect.try({ try: () => process(adapter.processResponse, tool, value), catch: rethrow })),
          onChunk: () => {},
          onFailure: (error) => finish(Effect.fail(error)),
        }
        const call = this.#submit(pool, { tool, args, stream: false }, options, sink, madeBy)
        return Effect.sync(() => pool.pool.cancel(call, "it was interrupted"))
      } catch (error) {
        finish(isCallError(error) ? Effect.fail(error) : Effect.die(error))
        return
      }
    })
  }

  /** Opens a stream. @throws {CallError} when it is refused. */
  open(tool: string, args: Args, options: StreamOptions, madeBy: CallMaker | undefined): OpenStream {
    const pool = this.#poolFor(options)
    const queue = new ChunkQueue()
    const call = this.#submit(pool, { tool, args, stream: true }, options, queue, madeBy)
    queue.call = call
    return {
      queue,
      call,
      process: (value) => process(pool.options.adapter.processResponse, tool, value),
      cancel: (reason) => {
        pool.pool.cancel(call, reason)
        queue.discard()
      },
    }
  }

  #submit(
    pool: ClientPool,
    what: { readonly tool: string; readonly args: Args; readonly stream: boolean },
    options: StreamOptions,
    sink: CallSink,
    madeBy: CallMaker | undefined,
  ): PendingCall {
    const { tool, stream } = what
    const args = checkCall(pool.options.adapter, pool.pool.tools, what)
    const session = options.session ?? madeBy?.session
    const request = {
      tool,
      args,
      ...(stream && { stream, credit: creditOf(tool, options) }),
      ...(session !== undefined && { session }),
      ...(options.meta !== undefined && { meta: options.meta }),
    }
    const timeoutMs = timeoutOf(pool, what, options)
    const queueTimeoutMs =
      options.queueTimeout === undefined
        ? pool.queueTimeoutMs
        : toMillis(options.queueTimeout, "queueTimeout")
    return pool.pool.submit({ request, timeoutMs, queueTimeoutMs, signal: options.signal, sink }, madeBy)
  }

  #poolFor(options: CallOptions): ClientPool {
    const name = options.pool ?? (this.pools.size === 1 ? [...this.pools.keys()][0] : "default")
    const pool = name === undefined ? undefined : this.pools.get(name)
    if (pool !== undefined) return pool
    const message = `there is no pool "${name}"; the pools are ${[...this.pools.keys()].join(", ")}`
    throw new InvalidConfig({ message, key: "pool" })
  }
}

function timeoutOf(
  pool: ClientPool,
  what: { readonly tool: string; readonly args: Args; readonly stream: boolean },
  options: CallOptions,
): number {
  if (options.timeout !== undefined) return toMillis(options.timeout, "timeout")
  const usual = what.stream ? streamTimeoutMs : callTimeoutMs
  return pool.options.adapter.commandTimeout?.(what.tool, what.args) ?? usual
}

function creditOf(tool: string, options: StreamOptions): number {
  const { credit = 64 } = options
  if (Number.isSafeInteger(credit) && credit > 0) return credit
  const reason = `must be a positive integer, not ${String(credit)}`
  throw new InvalidParameter({
    message: `"${tool}" was not called: credit ${reason}`,
    tool,
    key: "credit",
    reason,
  })
}

function process(
  hook: ((tool: string, value: unknown) => unknown) | undefined,
  tool: string,
  value: unknown,
): unknown {
  return hook === undefined ? value : hook(tool, value)
}

function isCallError(error: unknown): error is CallError {
  return error instanceof Error && "_tag" in error
}

/** What an adapter's own hook throws is a defect of the program, not an outcome of the call. */
function rethrow(error: unknown): never {
  throw error
}
