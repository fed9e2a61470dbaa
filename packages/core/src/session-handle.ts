import type { Args } from "./adapter/adapter.js"
import type { CallOptions, DurationInput, StreamOptions } from "./client/call-options.js"
import { toMillis } from "./client/call-options.js"
import type { Chunk } from "./client/chunk.js"
import { ChunkStream, withCallerStack } from "./client/chunk-stream.js"
import type { SubmitOptions } from "./client/client.js"
import { UnknownSession } from "./errors/session-errors.js"
import type { Affinity } from "./pool/bindings.js"
import { currentHostCall } from "./pool/nesting.js"
import type { Runtime } from "./runtime.js"
import { checkSessionId } from "./session/host-tools.js"
import type { SessionGiven } from "./session/session-table.js"
import { checkAffinity } from "./session-config.js"
import { SessionPrograms, SessionVariables } from "./session-contents.js"
import { SessionTools } from "./tool-registry.js"

/** A call's options, when the session is given already. */
export type SessionCallOptions = Omit<CallOptions, "session">
export type SessionStreamOptions = Omit<StreamOptions, "session">

export interface SessionOptions {
  /** How long the session lives after its last use. Default: `sessions.ttl` of the configuration, 1 hour. */
  readonly ttl?: DurationInput
  /**
   * `hint`: calls prefer the worker that served the session last. `strict_queue`: they wait for it.
   * `strict_fail_fast`: they fail with `WorkerBusy` when it runs another call. Default: the pool's, else `hint`.
   */
  readonly affinity?: Affinity
  /**
   * The worker of a strict session is gone, and what it kept for the session with it. Calls made through `session`, and
   * no others, run on a new worker; when the hook has ended well, the session goes on there. Calls of a `strict_queue`
   * session that have not started wait for that, at most `queueTimeout`. Without a hook, and when it fails or loses
   * three workers, calls fail with `SessionWorkerUnavailable` until `rebind()`.
   */
  readonly onLost?: (session: Session, lost: SessionLost) => unknown
}

export interface SessionLost {
  readonly pool: string
  readonly workerId: string
}

/** Calls that belong together, and what is kept for them. Made by its first use; ends with `close`, or when it expires. */
export class Session {
  /** Values by name that TypeScript and Python share. */
  readonly variables: SessionVariables
  /** Programs by id, in whatever form your tools understand. */
  readonly programs: SessionPrograms
  /** Host tools that only calls of this session see. */
  readonly tools: SessionTools
  readonly #runtime: Runtime
  readonly #given: SessionGiven
  readonly #rebuilds: boolean
  #closed = false

  /** @internal */
  constructor(
    runtime: Runtime,
    readonly id: string,
    options: SessionOptions = {},
    rebuilds = false,
  ) {
    checkSessionId(id)
    this.#runtime = runtime
    this.#given = this.#givenBy(options)
    this.#rebuilds = rebuilds
    const use = (): void => this.use()
    this.tools = new SessionTools(runtime, id, use)
    this.variables = new SessionVariables(runtime.contents, id, use)
    this.programs = new SessionPrograms(runtime.contents, id, use, (tool, args) => this.execute(tool, args))
  }

  /**
   * Calls a tool in this session. The type parameter is what you expect the tool to give; it is not checked.
   * @throws {CallError} exactly one, within the call's timeout (default 30 s).
   */
  async execute<T = unknown>(tool: string, args: Args = {}, options: SessionCallOptions = {}): Promise<T> {
    try {
      this.use()
      return (await this.#runtime.client.execute(tool, args, this.#mine(options), currentHostCall())) as T
    } catch (error) {
      throw withCallerStack(error, this.execute)
    }
  }

  /**
   * Streams a tool's chunks in this session. Lazy and single use; leaving the loop stops Python. Default timeout 300 s.
   * The iteration throws what a call does: one {CallError}, after the chunks that came before it.
   */
  stream<T = unknown>(
    tool: string,
    args: Args = {},
    options: SessionStreamOptions = {},
  ): AsyncIterableIterator<Chunk<T>> {
    const { client } = this.#runtime
    return new ChunkStream<T>(client, () => {
      this.use()
      return client.open(tool, args, this.#mine(options), currentHostCall())
    })
  }

  /**
   * Streams into a callback: in order, one at a time, each awaited before the next. What the callback throws stops the
   * tool and is thrown on. @throws {CallError}
   */
  async executeStream<T = unknown>(
    tool: string,
    args: Args,
    onChunk: (chunk: Chunk<T>) => unknown,
    options: SessionStreamOptions = {},
  ): Promise<void> {
    for await (const chunk of this.stream<T>(tool, args, options)) await onChunk(chunk)
  }

  /** Lets a strict session that has lost its worker, and what that kept, go on with another one. */
  rebind(): void {
    for (const { pool } of this.#runtime.client.pools.values()) pool.rebindSession(this.id)
  }

  /** Ends the session: its open calls, its tools, and all that host and workers keep for it. Safe to repeat. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#runtime.endSession(this.id)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** @internal Makes the session, or prolongs its life. @throws {UnknownSession}, {SessionQuotaExceeded} */
  use(): void {
    if (this.#closed) {
      const message = `session ${JSON.stringify(this.id)} was closed; ask for a new one: pit.session(…)`
      throw new UnknownSession({ message, session: this.id })
    }
    this.#runtime.sessions.use(this.id, this.#given)
  }

  #mine(options: SessionStreamOptions): SubmitOptions {
    return { ...options, session: this.id, rebuilds: this.#rebuilds }
  }

  #givenBy({ ttl, affinity, onLost }: SessionOptions): SessionGiven {
    if (affinity !== undefined) checkAffinity(affinity, "affinity")
    return {
      ttlMs: ttl === undefined ? undefined : toMillis(ttl, "ttl"),
      affinity,
      onLost:
        onLost === undefined
          ? undefined
          : (pool, workerId) => onLost(new Session(this.#runtime, this.id, {}, true), { pool, workerId }),
    }
  }
}
