import type { Args } from "./adapter/adapter.js"
import type { CallOptions, StreamOptions } from "./client/call-options.js"
import type { Chunk } from "./client/chunk.js"
import type { HostToolContext, Runtime } from "./runtime.js"
import { checkSessionId, type HostToolHandler } from "./session/host-tools.js"

/** A call's options, when the session is given already. */
export type SessionCallOptions = Omit<CallOptions, "session">
export type SessionStreamOptions = Omit<StreamOptions, "session">

/** Whoever makes calls: a `Snakepit`. */
interface Caller {
  execute<T>(tool: string, args: Args | undefined, options: CallOptions): Promise<T>
  stream<T>(tool: string, args: Args | undefined, options: StreamOptions): AsyncIterableIterator<Chunk<T>>
  executeStream<T>(
    tool: string,
    args: Args,
    onChunk: (chunk: Chunk<T>) => unknown,
    options: StreamOptions,
  ): Promise<void>
}

/** Calls that belong together. They prefer the worker that served the session last. */
export class Session {
  readonly #pit: Caller
  readonly #runtime: Runtime

  constructor(
    pit: Caller,
    runtime: Runtime,
    readonly id: string,
  ) {
    checkSessionId(id)
    this.#pit = pit
    this.#runtime = runtime
  }

  /** Host tools that only calls of this session see. */
  get tools(): SessionTools {
    return new SessionTools(this.#runtime, this.id)
  }

  /**
   * Calls a tool in this session. The type parameter is what you expect the tool to give; it is not checked.
   * @throws {CallError} exactly one, within the call's timeout (default 30 s).
   */
  execute<T = unknown>(tool: string, args?: Args, options?: SessionCallOptions): Promise<T> {
    return this.#pit.execute<T>(tool, args, { ...options, session: this.id })
  }

  /**
   * Streams a tool's chunks in this session. Lazy and single use; leaving the loop stops Python. Default timeout 300 s.
   * The iteration throws what a call does: one {CallError}, after the chunks that came before it.
   */
  stream<T = unknown>(
    tool: string,
    args?: Args,
    options?: SessionStreamOptions,
  ): AsyncIterableIterator<Chunk<T>> {
    return this.#pit.stream<T>(tool, args, { ...options, session: this.id })
  }

  /**
   * Streams into a callback: in order, one at a time, each awaited before the next. What the callback throws stops the
   * tool and is thrown on. @throws {CallError}
   */
  executeStream<T = unknown>(
    tool: string,
    args: Args,
    onChunk: (chunk: Chunk<T>) => unknown,
    options?: SessionStreamOptions,
  ): Promise<void> {
    return this.#pit.executeStream<T>(tool, args, onChunk, { ...options, session: this.id })
  }

  /** Forgets the session: its tools and which worker served it. */
  async close(): Promise<void> {
    this.#runtime.hostTools.unregisterSession(this.id)
    for (const pool of this.#runtime.client.pools.values()) pool.pool.forgetSession(this.id)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

/** TypeScript functions that tools may call in this session only. They go before global ones of the same name. */
export class SessionTools {
  readonly #runtime: Runtime
  readonly #session: string

  constructor(runtime: Runtime, session: string) {
    this.#runtime = runtime
    this.#session = session
  }

  /**
   * Makes a function callable from tools that run in this session: `ctx.call_host_tool(name, **args)` in Python. It ends
   * with the session's `close`.
   * @throws {InvalidConfig} for a bad or taken name, what is no function, or more than 1,024 tools of the whole program.
   */
  register(
    name: string,
    handler: HostToolHandler<HostToolContext>,
    options: { readonly description?: string } = {},
  ): void {
    this.#runtime.hostTools.register(name, handler, { ...options, session: this.#session })
  }

  /** @returns whether this session had such a tool. */
  unregister(name: string): boolean {
    return this.#runtime.hostTools.unregister(name, this.#session)
  }
}
