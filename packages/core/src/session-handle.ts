import type { Args } from "./adapter/adapter.js"
import type { DurationInput, SessionCallOptions, StreamOptions } from "./client/call-options.js"
import { toMillis } from "./client/call-options.js"
import type { Chunk } from "./client/chunk.js"
import { ChunkStream, withCallerStack } from "./client/chunk-stream.js"
import type { SubmitOptions } from "./client/client.js"
import { UnknownSession } from "./errors/session-errors.js"
import { currentHostCall } from "./pool/calls/nesting.js"
import type { Affinity } from "./pool/dispatch/bindings.js"
import type { Runtime } from "./runtime.js"
import { checkSessionId } from "./session/session-id.js"
import type { SessionEntry, SessionGiven } from "./session/session-table.js"
import { checkAffinity } from "./session-config.js"
import { SessionPrograms, SessionVariables } from "./session-contents.js"
import { SessionTools } from "./tool-registry.js"

/** A stream's options, when the session is given already. */
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
  readonly #use = (): SessionEntry => this.#useNow()
  /** From its first use on this handle stands for one session, and for no later one of the same id. */
  #entry: SessionEntry | undefined
  #closed = false

  /** @internal @param entry the session it stands for; default: the one that its first use finds or makes. */
  constructor(
    runtime: Runtime,
    readonly id: string,
    options: SessionOptions = {},
    entry?: SessionEntry,
  ) {
    checkSessionId(id)
    this.#runtime = runtime
    this.#given = this.#givenBy(options)
    this.#entry = entry
    const { contents } = runtime
    this.tools = new SessionTools(runtime, id, this.#use)
    this.variables = new SessionVariables(contents, id, this.#use)
    this.programs = new SessionPrograms(contents, id, this.#use, (...call) => this.execute(...call))
  }

  /**
   * Calls a tool in this session. The type parameter is what you expect the tool to give; it is not checked.
   * @throws {CallError} exactly one, within the call's timeout (default 30 s).
   */
  async execute<T = unknown>(tool: string, args: Args = {}, options: SessionCallOptions = {}): Promise<T> {
    try {
      this.#checkOpen()
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
      this.#checkOpen()
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

  /**
   * Lets a strict session that has lost its worker, and what that kept, go on with another one; and a session whose
   * calls have crashed too many workers make calls again.
   * @throws {UnknownSession}
   */
  rebind(): void {
    this.#checkOpen()
    for (const { pool } of this.#runtime.client.pools.values()) {
      pool.trustSession(this.id)
      pool.rebindSession(this.id)
    }
  }

  /** Ends the session: its open calls, its tools, and all that host and workers keep for it. Safe to repeat. */
  async close(): Promise<void> {
    const mine = this.#entry === undefined || this.#runtime.sessions.get(this.id) === this.#entry
    if (!this.#closed && mine) this.#runtime.sessions.end(this.id)
    this.#closed = true
    await this.#runtime.cleared(this.id)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** @internal Makes the session, or prolongs its life. @throws {UnknownSession}, {SessionQuotaExceeded}, {InvalidConfig} */
  use(): void {
    this.#useNow()
  }

  #useNow(): SessionEntry {
    this.#checkOpen()
    this.#entry = this.#runtime.sessions.use(this.id, this.#given)
    return this.#entry
  }

  /** @throws {UnknownSession} */
  #checkOpen(): void {
    const entry = this.#entry
    if (entry !== undefined && !entry.ended) this.#runtime.sessions.get(this.id)
    const end = this.#closed ? "closed" : entry?.end
    if (end === undefined) return
    const what = end === "closed" ? "was closed" : "has expired"
    const message = `session ${JSON.stringify(this.id)} ${what}; pit.session(…) begins a new one`
    throw new UnknownSession({ message, session: this.id })
  }

  #mine(options: SessionStreamOptions): SubmitOptions {
    return { ...options, session: this.id, use: this.#use }
  }

  #givenBy({ ttl, affinity, onLost }: SessionOptions): SessionGiven {
    if (affinity !== undefined) checkAffinity(affinity, "affinity")
    return {
      ttlMs: ttl === undefined ? undefined : toMillis(ttl, "ttl"),
      affinity,
      onLost:
        onLost === undefined
          ? undefined
          : (entry, pool, workerId) =>
              onLost(new Session(this.#runtime, this.id, {}, entry), { pool, workerId }),
    }
  }
}
