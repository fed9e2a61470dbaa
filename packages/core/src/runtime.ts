import { randomUUID } from "node:crypto"
import { Effect, type Scope } from "effect"
import type { Args } from "./adapter/adapter.js"
import type { CallOptions, StreamOptions } from "./client/call-options.js"
import type { Chunk } from "./client/chunk.js"
import { ChunkStream, withCallerStack } from "./client/chunk-stream.js"
import { Client, type ClientPool } from "./client/client.js"
import { type ResolvedConfig, resolveConfig, type SnakepitConfig } from "./config.js"
import { InvalidConfig, type StartFailed } from "./errors/errors.js"
import type { HostCall } from "./pool/calls/nesting.js"
import { runPool } from "./pool/run-pool.js"
import { KeepAlive } from "./process/keep-alive.js"
import { openRegistry, type ProcessRegistry, unrecorded } from "./process/registry/registry.js"
import { builtInTools } from "./session/built-in-tools.js"
import { SessionContents } from "./session/contents.js"
import { HostTools } from "./session/host-tools.js"
import { Rebuilding } from "./session/rebuilding.js"
import { type SessionEnd, type SessionEntry, SessionTable } from "./session/session-table.js"
import { Emitter } from "./telemetry/emitter.js"
import type { LogRecord } from "./telemetry/events.js"
import { lowestLevel, makeLogger } from "./telemetry/logger.js"

/** What a host tool gets beside its arguments. Calls made through it count as made by the callback. */
export interface HostToolContext {
  /** Aborted when the tool that called back has ended, whatever the reason. */
  readonly signal: AbortSignal
  readonly session: string | undefined
  /** When the tool that called back runs out of time; `undefined`: never. */
  readonly deadline: Date | undefined
  execute<T = unknown>(tool: string, args?: Args, options?: CallOptions): Promise<T>
  stream<T = unknown>(tool: string, args?: Args, options?: StreamOptions): AsyncIterable<Chunk<T>>
  log(message: string): void
}

/** Pools, host tools and telemetry, running. Both faces stand on it. */
export interface Runtime {
  readonly client: Client
  readonly sessions: SessionTable
  readonly contents: SessionContents
  readonly hostTools: HostTools<HostToolContext>
  readonly emitter: Emitter
  readonly keepAlive: KeepAlive
  /** Every worker of every pool was up once. */
  readonly ready: Effect.Effect<void, StartFailed>
  /** Resolves when what an ended session of this id had held is cleared. */
  cleared(id: string): Promise<void>
  close(graceMs: number): Promise<void>
}

const endings: { readonly [reason in SessionEnd]: string } = { closed: "been closed", expired: "expired" }

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
    parts.sweep()
    parts.keepAlive.acquire()
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
          registry: parts.registry,
          emitter: parts.emitter,
          onHostCall: (host) => void parts.serve(host),
          onSessionLost: (session, workerId) => parts.sessionLost(pool.name, session, workerId),
        }).pipe(Effect.map((running) => Object.assign(running, pool))),
      { concurrency: "unbounded" },
    ).pipe(Effect.ensuring(Effect.sync(() => parts.keepAlive.release())))
    for (const pool of pools) parts.addPool(pool)
    return parts
  })

class Parts implements Runtime {
  readonly runId = randomUUID()
  readonly keepAlive = new KeepAlive()
  readonly hostTools: HostTools<HostToolContext>
  readonly emitter: Emitter
  readonly registry: ProcessRegistry
  readonly client: Client
  readonly sessions: SessionTable
  readonly contents: SessionContents
  readonly #pools = new Map<string, ClientPool>()
  readonly #log: (record: LogRecord) => void
  readonly #rebuilding = new Rebuilding((session, error) => this.#cannotRebuild(session, error))
  /** Contents of ended sessions that are being cleared. */
  readonly #clearing = new Map<string, Promise<void>>()
  #closed: Promise<void> | undefined

  constructor(config: ResolvedConfig) {
    const { backend } = config.sessions
    this.#log = makeLogger(config.logger)
    this.emitter = new Emitter((error) =>
      this.#log({ level: "error", source: "snakepit", message: `an event listener threw: ${String(error)}` }),
    )
    this.emitter.on("snakepit.log", (event) => this.#log(event.metadata))
    const warn = (message: string): void => this.#log({ level: "warn", source: "snakepit", message })
    this.registry = config.instance === undefined ? unrecorded : openRegistry({ ...config.instance, warn })
    this.sessions = new SessionTable({
      ...config.sessions,
      onCreated: ({ id, ttlMs }) => this.emitter.emit("snakepit.session.created", { ttlMs }, { session: id }),
      onEnded: (entry, reason) => this.#sessionEnded(entry, reason),
    })
    const isOpen = (session: string): boolean => this.sessions.get(session) !== undefined
    this.contents = new SessionContents({ backend, limits: config.sessions, isOpen })
    const builtIn = builtInTools(this.contents)
    this.hostTools = new HostTools((name) => builtIn.get(name))
    this.client = new Client(this.#pools, this.sessions, this.keepAlive)
  }

  get ready(): Effect.Effect<void, StartFailed> {
    return Effect.forEach(this.#pools.values(), (pool) => pool.ready, {
      concurrency: "unbounded",
      discard: true,
    })
  }

  /** Ends what an instance of the same name and token has left behind. */
  sweep(): void {
    const { killed } = this.registry.sweep()
    const message = `ended ${killed} processes that a killed program had left behind`
    if (killed > 0) this.#log({ level: "warn", source: "snakepit", message })
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

  async cleared(id: string): Promise<void> {
    await this.#clearing.get(id)
  }

  /** @returns whether it is being rebuilt. */
  sessionLost(name: string, session: string, workerId: string): boolean {
    this.emitter.emit("snakepit.session.lost", {}, { session, pool: name, workerId })
    const pool = this.#pools.get(name)?.pool
    const entry = this.sessions.get(session)
    if (pool === undefined || entry?.onLost === undefined || this.#closed !== undefined) return false
    void this.#rebuilding.lost(pool, entry, workerId)
    return true
  }

  close(graceMs: number): Promise<void> {
    this.sessions.close()
    for (const id of this.sessions.list()) this.contents.variables.endWatches(id)
    // A pool that is being closed already may be given less time.
    const closed = Promise.all([...this.#pools.values()].map((pool) => pool.close(graceMs)))
    this.#closed ??= this.keepAlive.during(closed).then(() => this.keepAlive.close())
    return this.#closed
  }

  #sessionEnded({ id, createdAt, calls }: SessionEntry, reason: SessionEnd): void {
    this.hostTools.unregisterSession(id)
    for (const call of calls.toArray()) call.owner.aborted(call, `its session has ${endings[reason]}`)
    for (const { pool } of this.#pools.values()) pool.forgetSession(id)
    this.emitter.emit(
      "snakepit.session.ended",
      { ageMs: Date.now() - createdAt.getTime() },
      { session: id, reason },
    )
    const cleared = this.contents.end(id).catch((error) => {
      const message = `what session ${JSON.stringify(id)} held could not be cleared: ${String(error)}`
      this.#log({ level: "error", source: "snakepit", message })
    })
    this.#clearing.set(id, cleared)
    void cleared.then(() => {
      if (this.#clearing.get(id) === cleared) this.#clearing.delete(id)
    })
  }

  #cannotRebuild(session: string, error: unknown): void {
    const message = `session ${JSON.stringify(session)} could not be rebuilt: ${String(error)}`
    this.#log({ level: "error", source: "snakepit", message })
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
      deadline: deadlineOf(host),
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

function deadlineOf({ deadline }: HostCall): Date | undefined {
  const date = new Date(Date.now() + deadline - performance.now())
  return Number.isNaN(date.getTime()) ? undefined : date
}
