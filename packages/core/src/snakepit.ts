import { Effect, Exit, Scope } from "effect"
import type { Args } from "./adapter/adapter.js"
import { type CallOptions, type DurationInput, type StreamOptions, toMillis } from "./client/call-options.js"
import type { Chunk } from "./client/chunk.js"
import { ChunkStream, withCallerStack } from "./client/chunk-stream.js"
import type { SnakepitConfig } from "./config.js"
import { PoolClosed } from "./errors/errors.js"
import { listWorkers, type Stats, totalStats, type WorkerInfo } from "./inspection.js"
import { currentHostCall } from "./pool/calls/nesting.js"
import { KeepAlive } from "./process/keep-alive.js"
import { makeRuntime, type Runtime } from "./runtime.js"
import { GlobalPrograms } from "./session-contents.js"
import { Session, type SessionOptions } from "./session-handle.js"
import { newSessionId, SessionStore } from "./session-store.js"
import { closeOnSignals } from "./signals.js"
import type { Listener, SnakepitEvent } from "./telemetry/emitter.js"
import type { EventName } from "./telemetry/events.js"
import { HostToolRegistry } from "./tool-registry.js"

/** Pools of workers and everything one does with them. Made by `Snakepit.start` or `Snakepit.run`. */
export class Snakepit {
  /** TypeScript functions that tools may call, and the tools that workers offer. */
  readonly tools: HostToolRegistry
  /** The sessions that live. */
  readonly sessions: SessionStore
  /** Programs of no session, which every tool may read. */
  readonly programs: GlobalPrograms
  readonly #runtime: Runtime
  readonly #scope: Scope.Closeable
  readonly #closing = new AbortController()
  #removeSignalHandlers = (): void => {}

  private constructor(runtime: Runtime, scope: Scope.Closeable) {
    this.#runtime = runtime
    this.#scope = scope
    this.tools = new HostToolRegistry(runtime)
    this.sessions = new SessionStore(runtime)
    this.programs = new GlobalPrograms(runtime.contents)
  }

  /**
   * Launches the workers and resolves when they are ready for calls.
   * @throws {StartFailed} with the reason and what to do, or {InvalidConfig}. Nothing is left running then.
   */
  static async start(config: SnakepitConfig): Promise<Snakepit> {
    const scope = Scope.makeUnsafe()
    const keepAlive = new KeepAlive()
    try {
      const runtime = await keepAlive.during(Effect.runPromise(Scope.provide(makeRuntime(config), scope)))
      const pit = new Snakepit(runtime, scope)
      if (config.handleSignals === true) pit.#removeSignalHandlers = closeOnSignals(() => pit.close())
      return pit
    } catch (error) {
      await Effect.runPromise(Scope.close(scope, Exit.void))
      throw withCallerStack(error, Snakepit.start)
    } finally {
      keepAlive.close()
    }
  }

  /** Starts, works, and always cleans up, also on SIGINT and SIGTERM. Resolves with what `work` gives. */
  static async run<T>(config: SnakepitConfig, work: (pit: Snakepit) => T | Promise<T>): Promise<T> {
    const pit = await Snakepit.start({ ...config, handleSignals: true })
    try {
      return await work(pit)
    } finally {
      await pit.close()
    }
  }

  /**
   * Calls a tool. The type parameter is what you expect the tool to give; it is not checked.
   * @throws {CallError} exactly one, within the call's timeout (default 30 s).
   */
  async execute<T = unknown>(tool: string, args: Args = {}, options: CallOptions = {}): Promise<T> {
    try {
      return (await this.#runtime.client.execute(tool, args, options, currentHostCall())) as T
    } catch (error) {
      throw withCallerStack(error, this.execute)
    }
  }

  /** Streams a tool's chunks. Lazy and single use; leaving the loop stops Python. Default timeout 300 s. */
  stream<T = unknown>(
    tool: string,
    args: Args = {},
    options: StreamOptions = {},
  ): AsyncIterableIterator<Chunk<T>> {
    const { client } = this.#runtime
    return new ChunkStream<T>(client, () => client.open(tool, args, options, currentHostCall()))
  }

  /** Streams into a callback: in order, one at a time, each awaited before the next. */
  async executeStream<T = unknown>(
    tool: string,
    args: Args,
    onChunk: (chunk: Chunk<T>) => unknown,
    options: StreamOptions = {},
  ): Promise<void> {
    for await (const chunk of this.stream<T>(tool, args, options)) await onChunk(chunk)
  }

  /**
   * A session: calls that prefer the same worker, and what is kept for them. It is made by its first use.
   * @param id default: 128 random bits
   */
  session(id: string = newSessionId(), options: SessionOptions = {}): Session {
    return new Session(this.#runtime, id, options)
  }

  /** Numbers of all pools together, and of each. */
  stats(): Stats {
    return totalStats(this.#runtime)
  }

  /** Every worker there is, also those that are being started. */
  workers(): WorkerInfo[] {
    return listWorkers(this.#runtime)
  }

  /** Resolves when every worker of every pool has been up. */
  async ready(): Promise<void> {
    await this.#runtime.keepAlive.during(Effect.runPromise(this.#runtime.ready))
  }

  /** @returns a function that removes the listener. */
  on<N extends EventName>(name: N, listener: Listener<N>): () => void {
    return this.#runtime.emitter.on(name, listener)
  }

  /**
   * Waits for the next event of a kind, and keeps the program alive meanwhile.
   * @throws the reason of `signal` when that is aborted first; {PoolClosed} when everything is closed first.
   */
  async once<N extends EventName>(
    name: N,
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<SnakepitEvent<N>> {
    const { emitter, keepAlive } = this.#runtime
    const signals = [this.#closing.signal, ...(options.signal === undefined ? [] : [options.signal])]
    return await keepAlive.during(emitter.next(name, AbortSignal.any(signals)))
  }

  /** Takes no new calls, lets open ones end for at most `grace` (default 2 s), then ends every process. Safe to repeat. */
  async close(options: { readonly grace?: DurationInput } = {}): Promise<void> {
    this.#removeSignalHandlers()
    this.#closing.abort(new PoolClosed({ message: "everything was closed", pool: "" }))
    await this.#runtime.close(toMillis(options.grace ?? 2000, "grace"))
    await Effect.runPromise(Scope.close(this.#scope, Exit.void))
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
