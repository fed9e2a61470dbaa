import { Deferred, Effect, Schedule, type Scope, Semaphore } from "effect"
import type { Adapter, WorkerProfile } from "../adapter/adapter.js"
import { StartFailed } from "../errors/errors.js"
import { spawning } from "../process/launcher.js"
import { startTimer } from "../process/timer.js"
import type { LogLevel } from "../protocol/frame.js"
import type { Limits } from "../protocol/limits.js"
import type { Emitter } from "../telemetry/emitter.js"
import type { Transport } from "../transport/transport.js"
import type { HeartbeatPolicy } from "../worker/heartbeat-policy.js"
import { startWorker } from "../worker/start-worker.js"
import type { Worker, WorkerEnd } from "../worker/worker.js"
import { FallbackNotice } from "./fallback.js"
import type { HostCall } from "./nesting.js"
import { Pool } from "./pool.js"
import type {
  BreakerPolicy,
  CrashBarrierPolicy,
  RecyclePolicy,
  RestartPolicy,
  RetryPolicy,
} from "./supervisor/policies.js"

export interface RunPoolOptions {
  readonly name: string
  readonly size: number
  readonly profile: WorkerProfile
  readonly threads: number
  readonly heartbeat: HeartbeatPolicy | undefined
  readonly recycle: RecyclePolicy
  readonly restart: RestartPolicy
  readonly breaker: BreakerPolicy | undefined
  readonly retry: RetryPolicy
  readonly crashBarrier: CrashBarrierPolicy | undefined
  readonly adapter: Adapter
  readonly transports: readonly Transport[]
  readonly maxQueue: number
  readonly startTimeoutMs: number
  readonly startConcurrency: number
  readonly cancelGraceMs: number
  readonly limits: Limits
  readonly logLevel: LogLevel
  readonly runId: string
  readonly emitter: Emitter
  readonly waitFor: "all" | "first"
  onHostCall(host: HostCall): void
  onSessionLost(session: string, workerId: string): boolean
}

/** A pool with its workers up, and kept up until `close`. */
export interface RunningPool {
  readonly pool: Pool
  readonly options: RunPoolOptions
  /** Ids of workers that are being started. */
  readonly starting: ReadonlySet<string>
  /** Every worker was up once. Fails as soon as one cannot start. */
  readonly ready: Effect.Effect<void, StartFailed>
  /** Lets accepted calls end, at most `graceMs`; then everything ends. Safe to call again. */
  close(graceMs: number): Promise<void>
}

/** Delays between attempts to replace a worker: 100 ms, doubling up to 5 s, with jitter so that pools do not march in step. */
const replacementDelays = Schedule.min([
  Schedule.exponential("100 millis"),
  Schedule.spaced("5 seconds"),
]).pipe(Schedule.jittered)

/** Starts the workers. Fails with the first worker that cannot start; nothing is left running then. */
export const runPool = (options: RunPoolOptions): Effect.Effect<RunningPool, StartFailed, Scope.Scope> =>
  Effect.gen(function* () {
    const slots = new Slots(options)
    for (const ready of slots.readiness) yield* Effect.forkScoped(slots.keepFilled(ready))
    yield* options.waitFor === "first" ? slots.firstReady : slots.ready
    return slots
  })

class Slots implements RunningPool {
  readonly pool: Pool
  readonly starting = new Set<string>()
  readonly readiness: readonly Deferred.Deferred<void, StartFailed>[]
  readonly ready: Effect.Effect<void, StartFailed>
  readonly firstReady: Effect.Effect<void, StartFailed>
  readonly #permits: Semaphore.Semaphore
  readonly #fallback: FallbackNotice
  #started = 0
  #lastError: string | undefined
  #closing: Promise<void> | undefined

  constructor(readonly options: RunPoolOptions) {
    this.#fallback = new FallbackNotice(options.emitter)
    this.#permits = Semaphore.makeUnsafe(options.startConcurrency)
    this.readiness = Array.from({ length: options.size }, () => Deferred.makeUnsafe<void, StartFailed>())
    const waits = this.readiness.map((ready) => Deferred.await(ready))
    this.ready = Effect.all(waits, { concurrency: "unbounded", discard: true })
    this.firstReady = Effect.raceAll(waits)
    this.pool = new Pool({
      name: options.name,
      maxQueue: options.maxQueue,
      maxInFlight: options.limits.maxInFlight,
      emitter: options.emitter,
      onHostCall: options.onHostCall,
      onSessionLost: options.onSessionLost,
      lastStartError: () => this.#lastError,
    })
  }

  /** One worker after another, until the pool closes. The first start may fail; later ones are tried until they succeed. */
  keepFilled(ready: Deferred.Deferred<void, StartFailed>): Effect.Effect<void> {
    const first = this.#oneLife(this.#start, ready)
    const later = this.#oneLife(
      Effect.suspend(() => this.#start).pipe(
        Effect.tapError((error) => Effect.sync(() => this.#startFailed(error))),
        Effect.retry(replacementDelays),
      ),
      ready,
    )
    return Effect.gen({ self: this }, function* () {
      const outcome = yield* Effect.result(first)
      if (outcome._tag === "Failure") {
        yield* Deferred.fail(ready, outcome.failure)
        this.#startFailed(outcome.failure)
        // Who waits for all workers hears of this one failure, once; who waits for the first gets the others in time.
        if (this.options.waitFor === "all") return
      }
      while (this.#closing === undefined) yield* Effect.ignore(later)
    })
  }

  close(graceMs: number): Promise<void> {
    this.#closing ??= this.#close(graceMs)
    return this.#closing
  }

  async #close(graceMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    const graceOver = new Promise<void>((resolve) => {
      timer = startTimer(graceMs, resolve)
    })
    await Promise.race([this.pool.drain(), graceOver])
    clearTimeout(timer)
    this.pool.abandonAll()
    for (const ready of this.readiness) Deferred.doneUnsafe(ready, Effect.fail(this.#closedEarly()))
    await Promise.all([...this.pool.workers].map((worker) => worker.stop(graceMs)))
  }

  /** For whoever still waits for a first start. */
  #closedEarly(): StartFailed {
    const { name } = this.options
    const message = `pool "${name}" was closed before all of its workers were up`
    return new StartFailed({ message, reason: "closed", workerId: name })
  }

  /** From ready to gone. However this ends, the process ends with it. */
  #oneLife(start: Effect.Effect<Worker, StartFailed>, ready: Deferred.Deferred<void, StartFailed>) {
    const graceMs = this.options.cancelGraceMs
    return Effect.acquireRelease(start, (worker) => Effect.promise(() => worker.stop(graceMs)), {
      interruptible: true,
    }).pipe(
      Effect.tap((worker) => Effect.sync(() => this.#join(worker))),
      Effect.tap(() => Deferred.succeed(ready, undefined)),
      Effect.flatMap((worker) => Effect.promise(async () => this.#leave(worker, await worker.stopped))),
      Effect.scoped,
    )
  }

  get #start(): Effect.Effect<Worker, StartFailed> {
    return this.#permits.withPermit(
      Effect.suspend(() => {
        const begun = performance.now()
        this.#started += 1
        const workerId = `${this.options.name}-${this.#started}`
        this.starting.add(workerId)
        const about = { workerId, pool: this.options.name, poolSize: this.options.size, launcher: spawning }
        return startWorker({ ...this.options, ...about, listener: this.pool }).pipe(
          Effect.tap((worker) => Effect.sync(() => this.#announce(worker, performance.now() - begun))),
          Effect.ensuring(Effect.sync(() => this.starting.delete(workerId))),
        )
      }),
    )
  }

  #join(worker: Worker): void {
    this.#lastError = undefined
    this.pool.addWorker(worker)
  }

  #announce(worker: Worker, initializationTimeMs: number): void {
    const { emitter } = this.options
    const { transport } = worker.hello
    const origin = { workerId: worker.id, pool: worker.pool, pid: worker.pid, transport }
    emitter.emit("snakepit.worker.initialized", { initializationTimeMs }, origin)
    this.#fallback.tell(worker)
  }

  #leave(worker: Worker, end: WorkerEnd): void {
    const measurements = { uptimeMs: performance.now() - worker.startedAt, requests: worker.requests }
    this.options.emitter.emit("snakepit.worker.terminated", measurements, {
      workerId: worker.id,
      pool: worker.pool,
      pid: worker.pid,
      expected: end.expected,
      exitCode: end.exit?.code ?? null,
      signal: end.exit?.signal ?? null,
    })
  }

  #startFailed(error: StartFailed): void {
    this.#lastError = error.message
    const { emitter, name } = this.options
    const origin = { pool: name, workerId: error.workerId, error: error.message }
    emitter.emit("snakepit.worker.start_failed", {}, origin)
  }
}
