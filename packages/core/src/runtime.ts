import { randomUUID } from "node:crypto"
import { Effect, type Scope } from "effect"
import type { Args } from "./adapter/adapter.js"
import type { CallOptions, StreamOptions } from "./client/call-options.js"
import type { Chunk } from "./client/chunk.js"
import { ChunkStream, withCallerStack } from "./client/chunk-stream.js"
import { Client, type ClientPool } from "./client/client.js"
import { type ResolvedConfig, resolveConfig, type SnakepitConfig } from "./config.js"
import { InvalidConfig, type StartFailed } from "./errors/errors.js"
import type { HostCall } from "./pool/nesting.js"
import { runPool } from "./pool/run-pool.js"
import { KeepAlive } from "./process/keep-alive.js"
import { HostTools } from "./session/host-tools.js"
import { Emitter } from "./telemetry/emitter.js"
import type { LogRecord } from "./telemetry/events.js"
import { lowestLevel, makeLogger } from "./telemetry/logger.js"

/** What a host tool gets beside its arguments. Calls made through it count as made by the callback. */
export interface HostToolContext {
  /** Aborted when the tool that called back has ended, whatever the reason. */
  readonly signal: AbortSignal
  readonly session: string | undefined
  execute<T = unknown>(tool: string, args?: Args, options?: CallOptions): Promise<T>
  stream<T = unknown>(tool: string, args?: Args, options?: StreamOptions): AsyncIterable<Chunk<T>>
  log(message: string): void
}

/** Pools, host tools and telemetry, running. Both faces stand on it. */
export interface Runtime {
  readonly client: Client
  readonly hostTools: HostTools<HostToolContext>
  readonly emitter: Emitter
  readonly keepAlive: KeepAlive
  /** Every worker of every pool was up once. */
  readonly ready: Effect.Effect<void, StartFailed>
  close(graceMs: number): Promise<void>
}

/** How long a scope that closes waits for calls that are still open. */
const scopeGraceMs = 2000

/** Starts everything; the scope ends it. */
export const makeRuntime = (
  config: SnakepitConfig,
): Effect.Effect<Runtime, StartFailed | InvalidConfig, Scope.Scope> =>
  Effect.gen(function* () {
    const resolved = yield* Effect.try({
      try: () => resolveConfig(config, process.env),
      catch: (error) => {
        if (error instanceof InvalidConfig) return error
        throw error
      },
    })
    const parts = new Parts(resolved)
    yield* Effect.addFinalizer(() => Effect.promise(() => parts.close(scopeGraceMs)))
    const pools = yield* Effect.forEach(
      resolved.pools,
      (pool) =>
        runPool({
          ...pool,
          transports: resolved.transports,
          limits: resolved.limits,
          waitFor: resolved.waitFor,
          logLevel: lowestLevel(resolved.logger),
          runId: parts.runId,
          emitter: parts.emitter,
          onHostCall: (host) => void parts.serve(host),
        }).pipe(Effect.map((running) => Object.assign(running, pool))),
      { concurrency: "unbounded" },
    )
    for (const pool of pools) parts.addPool(pool)
    return parts
  })

class Parts implements Runtime {
  readonly runId = randomUUID()
  readonly keepAlive = new KeepAlive()
  readonly hostTools = new HostTools<HostToolContext>()
  readonly emitter: Emitter
  readonly client: Client
  readonly #pools = new Map<string, ClientPool>()
  readonly #log: (record: LogRecord) => void
  #closed: Promise<void> | undefined

  constructor(config: ResolvedConfig) {
    this.#log = makeLogger(config.logger)
    this.emitter = new Emitter((error) =>
      this.#log({ level: "error", source: "snakepit", message: `an event listener threw: ${String(error)}` }),
    )
    this.emitter.on("snakepit.log", (event) => this.#log(event.metadata))
    this.client = new Client(this.#pools, this.keepAlive)
  }

  get ready(): Effect.Effect<void, StartFailed> {
    return Effect.forEach(this.#pools.values(), (pool) => pool.ready, {
      concurrency: "unbounded",
      discard: true,
    })
  }

  addPool(pool: ClientPool): void {
    this.#pools.set(pool.pool.name, pool)
  }

  async serve(host: HostCall): Promise<void> {
    try {
      await this.hostTools.serve(host, this.#contextOf(host))
    } finally {
      this.#pools.get(host.worker.pool)?.pool.endHostCall(host)
    }
  }

  close(graceMs: number): Promise<void> {
    this.#closed ??= this.keepAlive
      .during(Promise.all([...this.#pools.values()].map((pool) => pool.close(graceMs))))
      .then(() => this.keepAlive.close())
    return this.#closed
  }

  #contextOf(host: HostCall): HostToolContext {
    const { client, emitter } = this
    const { signal } = host.incoming
    const execute = async <T>(tool: string, args: Args = {}, options: CallOptions = {}): Promise<T> => {
      try {
        return (await client.execute(tool, args, options, host)) as T
      } catch (error) {
        throw withCallerStack(error, execute)
      }
    }
    return {
      signal,
      session: host.session,
      execute,
      stream: <T>(tool: string, args: Args = {}, options: StreamOptions = {}) =>
        new ChunkStream<T>(client, () => client.open(tool, args, options, host)),
      log: (message) => {
        const { id: workerId, pool } = host.worker
        emitter.emit("snakepit.log", {}, { level: "info", source: "snakepit", message, workerId, pool })
      },
    }
  }
}
