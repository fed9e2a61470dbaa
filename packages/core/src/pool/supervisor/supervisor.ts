import { Deferred, Effect, Exit, Scope, Semaphore } from "effect"
import { StartFailed } from "../../errors/errors.js"
import { ForkingLauncher } from "../../process/fork-server/forking-launcher.js"
import { KeepAlive } from "../../process/keep-alive.js"
import type { Launcher } from "../../process/launcher.js"
import { startWorker } from "../../worker/start-worker.js"
import type { Worker } from "../../worker/worker.js"
import { Pool } from "../pool.js"
import type { RunningPool, RunPoolOptions } from "../running-pool.js"
import { FallbackNotice } from "./fallback.js"
import { Grace } from "./grace.js"
import { poolHeartbeats } from "./heartbeats.js"
import { judge } from "./pool-state.js"
import { type DueReason, isSpoiled, type RecycleReason, type SpoiledReason } from "./recycle.js"
import { Recycling } from "./recycling.js"
import { RecentFailures, Restarts } from "./restarts.js"
import { type Crew, type Life, type ReplacingPermits, Slot } from "./slot.js"
import { StateNotice } from "./state-notice.js"
import { WorkerNotices } from "./worker-notices.js"

/** Keeps the workers of a pool up: starts, replaces and ends them. */
export class Supervisor implements RunningPool, Crew {
  readonly pool: Pool
  readonly starting = new Set<string>()
  readonly ready: Effect.Effect<void, StartFailed>
  readonly firstReady: Effect.Effect<void, StartFailed>
  /** Ends what goes on beside the calls; the workers that are up stay. */
  readonly scope: Scope.Closeable
  readonly #slots: readonly Slot[]
  readonly #launcher: Launcher
  readonly #startPermits: Semaphore.Semaphore
  /** Workers that are due are replaced a few at a time. Of either kind, no more leave than there are slots. */
  readonly #duePermits: ReplacingPermits
  readonly #spoiledPermits: ReplacingPermits
  readonly #lives = new Map<Worker, Life>()
  readonly #recycling: Recycling<Worker>
  readonly #heartbeats: ReturnType<typeof poolHeartbeats>
  readonly #notices: WorkerNotices
  readonly #fallback: FallbackNotice
  readonly #state: StateNotice
  #started = 0
  #recycled = 0
  #begun = false
  #lastError: string | undefined
  #phase: "no" | "draining" | "closed" = "no"
  readonly #grace = new Grace()
  #closing: Promise<void> | undefined
  /** They have been told to stop. */
  #stopping = false

  constructor(
    readonly options: RunPoolOptions,
    scope: Scope.Scope,
  ) {
    const { name, size, emitter, startConcurrency, restart, recycle } = options
    this.scope = Scope.forkUnsafe(scope, "parallel")
    this.#notices = new WorkerNotices(emitter)
    this.#launcher = new ForkingLauncher({
      onFallback: (reason) => this.#notices.launchFallback(name, reason),
      onOutput: (line) => this.#notices.forkServerSaid(name, line),
      onWarning: (text) => this.#notices.warn(name, text),
    })
    this.#fallback = new FallbackNotice(emitter)
    this.#state = new StateNotice(name, emitter)
    this.#heartbeats = poolHeartbeats(options.heartbeat, emitter)
    this.#startPermits = Semaphore.makeUnsafe(startConcurrency)
    this.#duePermits = replacingPermits(Math.max(1, Math.floor(size / 4)), size)
    this.#spoiledPermits = replacingPermits(size, size)
    this.pool = new Pool({
      ...options,
      maxInFlight: options.limits.maxInFlight,
      keeper: this.#keeper(),
      lastStartError: () => this.#lastError,
    })
    this.#recycling = new Recycling<Worker>({
      policy: recycle,
      strictSessionsOf: (worker) => this.pool.strictSessionsOf(worker),
      onDue: (worker, reason) => this.#setDue(worker, reason),
    })
    const recent = new RecentFailures(restart)
    this.#slots = Array.from({ length: size }, () => new Slot(this, new Restarts(restart, recent)))
    const firsts = this.#slots.map((slot) => Deferred.await(slot.first))
    this.ready = Effect.all(firsts, { concurrency: "unbounded", discard: true })
    this.firstReady = Effect.raceAll(this.#slots.map((slot) => Deferred.await(slot.tried)))
  }

  /** Fills the slots, and keeps them filled until it is closed. */
  get run(): Effect.Effect<void> {
    // Who waits for all workers hears of one failure, once; who waits for the first gets the others in time.
    const insists = this.options.waitFor === "first"
    return Effect.forEach(this.#slots, (slot) => Effect.forkIn(slot.keepFilled(insists), this.scope), {
      discard: true,
    })
  }

  close(graceMs: number): Promise<void> {
    this.#grace.shorten(graceMs)
    if (this.#stopping) void this.#stopAll()
    if (this.#closing !== undefined) return this.#closing
    // Nothing of what is waited for keeps the program alive by itself.
    const keepAlive = new KeepAlive()
    this.#closing = keepAlive.during(this.#close()).finally(() => keepAlive.close())
    return this.#closing
  }

  async #close(): Promise<void> {
    this.#enter("draining")
    this.#recycling.close()
    const givenUp = Effect.runPromise(Scope.close(this.scope, Exit.void))
    this.#endGraceWithoutWorkers()
    await Promise.race([this.pool.drain(), this.#grace.over])
    this.#grace.end()
    this.pool.abandonAll()
    for (const slot of this.#slots) slot.giveUp(this.#closedEarly())
    this.#stopping = true
    await Promise.all([givenUp, this.#stopAll()])
    this.#heartbeats?.close()
    await this.#launcher.close()
    this.#enter("closed")
  }

  async #stopAll(): Promise<void> {
    await Promise.all([...this.#lives.keys()].map((worker) => worker.stop(this.#grace.ms)))
  }

  /** Nobody is started any more while it is closed, so what still waits for a worker waits in vain. */
  #endGraceWithoutWorkers(): void {
    if (this.#lives.size === 0 && this.#phase !== "no") this.#grace.end()
  }

  // What slots ask for.

  get start(): Effect.Effect<Life, StartFailed> {
    return this.#startPermits.withPermit(
      Effect.suspend(() => {
        const begun = performance.now()
        this.#started += 1
        const { name: pool, size: poolSize } = this.options
        const workerId = `${pool}-${this.#started}`
        this.starting.add(workerId)
        const about = { workerId, pool, poolSize, launcher: this.#launcher, listener: this.pool }
        return startWorker({ ...this.options, ...about }).pipe(
          Effect.map((worker) => this.#begin(worker, performance.now() - begun)),
          Effect.ensuring(Effect.sync(() => this.starting.delete(workerId))),
        )
      }),
    )
  }

  permitsFor(reason: RecycleReason): ReplacingPermits {
    return isSpoiled(reason) ? this.#spoiledPermits : this.#duePermits
  }

  isBound({ worker }: Life): boolean {
    return this.pool.strictSessionsOf(worker) > 0
  }

  join({ worker }: Life): void {
    this.#lastError = undefined
    // It may have ended meanwhile, and then nobody would take it out again.
    if (worker.live) {
      this.pool.addWorker(worker)
      this.#recycling.add(worker)
      this.#heartbeats?.watch(worker)
    }
    this.changed()
  }

  startFailed(error: StartFailed, instead?: RecycleReason): void {
    this.#lastError = error.message
    // A pool whose workers are well serves its calls as before.
    if (instead === undefined || isSpoiled(instead)) this.pool.startFailed()
    this.#notices.startFailed(this.options.name, error)
  }

  stays({ worker }: Life, reason: RecycleReason, error: StartFailed): void {
    this.#notices.stays(worker, reason, error)
  }

  retire({ worker }: Life, reason: RecycleReason): Effect.Effect<void> {
    return Effect.gen({ self: this }, function* () {
      this.#recycling.remove(worker)
      yield* Effect.promise(() => this.pool.retire(worker, reason))
      const end = yield* Effect.promise(() => worker.stop(this.options.cancelGraceMs))
      if (!end.expected || this.#phase !== "no") return
      this.#recycled += 1
      this.#notices.recycled(worker, reason)
    })
  }

  changed(): void {
    const { size } = this.options
    let up = 0
    let failing = 0
    for (const slot of this.#slots) {
      if (slot.up) up += 1
      if (slot.failing) failing += 1
    }
    this.#begun ||= up === size || failing > 0
    const closing = this.#phase
    this.#state.update(judge({ size, up, failing, begun: this.#begun, closing, lastError: this.#lastError }))
  }

  #enter(phase: "draining" | "closed"): void {
    this.#phase = phase
    this.changed()
  }

  // How workers come and go.

  #begin(worker: Worker, initializationTimeMs: number): Life {
    const due = Deferred.makeUnsafe<DueReason>()
    const life = { worker, due, spoiled: Deferred.makeUnsafe<SpoiledReason>() }
    this.#lives.set(worker, life)
    void worker.stopped.then((end) => {
      this.#lives.delete(worker)
      this.#recycling.remove(worker)
      this.#heartbeats?.unwatch(worker)
      this.#notices.terminated(worker, end)
      this.#endGraceWithoutWorkers()
    })
    this.#notices.initialized(worker, initializationTimeMs)
    this.#fallback.tell(worker)
    return life
  }

  #setDue(worker: Worker, reason: DueReason): void {
    const life = this.#lives.get(worker)
    if (life !== undefined) Deferred.doneUnsafe(life.due, Effect.succeed(reason))
  }

  #setSpoiled(worker: Worker, reason: SpoiledReason): void {
    const life = this.#lives.get(worker)
    if (life !== undefined) Deferred.doneUnsafe(life.spoiled, Effect.succeed(reason))
  }

  #keeper() {
    return {
      vitals: () => ({
        state: this.#state.state,
        starting: this.starting.size,
        recycled: this.#recycled,
      }),
      onAnswered: (worker: Worker) => this.#recycling.answered(worker),
      onSessionEnded: () => this.#recycling.sessionEnded(),
      onWornOut: (worker: Worker, reason: SpoiledReason) => this.#setSpoiled(worker, reason),
    }
  }

  /** For whoever still waits for a first start. */
  #closedEarly(): StartFailed {
    const { name } = this.options
    const message = `pool "${name}" was closed before all of its workers were up`
    return new StartFailed({ message, reason: "closed", workerId: name })
  }
}

const replacingPermits = (starting: number, leaving: number): ReplacingPermits => ({
  starting: Semaphore.makeUnsafe(starting),
  leaving: Semaphore.makeUnsafe(leaving),
})
