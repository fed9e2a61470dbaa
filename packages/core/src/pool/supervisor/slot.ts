import { Deferred, Effect, Fiber, type Scope, type Semaphore } from "effect"
import type { StartFailed } from "../../errors/errors.js"
import type { Worker } from "../../worker/worker.js"
import { pause } from "./pause.js"
import { type DueReason, isSpoiled, type RecycleReason, type SpoiledReason } from "./recycle.js"
import type { Restarts } from "./restarts.js"

/** A worker that was started for a slot. */
export interface Life {
  readonly worker: Worker
  /** Set when it has reached one of its limits, and when it is no good any more: it is to be replaced. */
  readonly due: Deferred.Deferred<DueReason>
  readonly spoiled: Deferred.Deferred<SpoiledReason>
}

/** How many workers may be replaced at a time. */
export interface ReplacingPermits {
  /** Until another one is up. */
  readonly starting: Semaphore.Semaphore
  /** Until the old one is gone, which may take as long as a call. */
  readonly leaving: Semaphore.Semaphore
}

/** What slots share. */
export interface Crew {
  /** Where what goes on beside a slot belongs. */
  readonly scope: Scope.Scope
  /** A worker that is up, and gets no calls yet. */
  readonly start: Effect.Effect<Life, StartFailed>
  permitsFor(reason: RecycleReason): ReplacingPermits
  /** A strict session would lose what it keeps in the worker. */
  isBound(life: Life): boolean
  join(life: Life): void
  /** @param instead whom it was to replace, which is still up. */
  startFailed(error: StartFailed, instead?: RecycleReason): void
  /** A worker that is due cannot be replaced yet. */
  stays(life: Life, reason: RecycleReason, error: StartFailed): void
  /** Gives a worker no more calls, and ends it when those that it has have ended. May be asked again for a worse reason. */
  retire(life: Life, reason: RecycleReason): Effect.Effect<void>
  /** Whether a slot is up or failing has changed. */
  changed(): void
}

/** A place for one worker of a pool, filled again and again. */
export class Slot {
  /** It has a worker that gets calls. */
  up = false
  /** It has none, and the next start has to wait, or the last one failed. */
  failing = false
  /** What became of its first start. */
  readonly tried = Deferred.makeUnsafe<void, StartFailed>()
  /** It was up once; fails with its first start if that is the only one. */
  readonly first = Deferred.makeUnsafe<void, StartFailed>()
  readonly #crew: Crew
  readonly #restarts: Restarts

  constructor(crew: Crew, restarts: Restarts) {
    this.#crew = crew
    this.#restarts = restarts
  }

  /** One worker after another, until it is interrupted. @param insists goes on when the first start fails. */
  keepFilled(insists: boolean): Effect.Effect<void> {
    return Effect.gen({ self: this }, function* () {
      const outcome = yield* Effect.result(this.#crew.start)
      if (outcome._tag === "Failure") {
        Deferred.doneUnsafe(this.tried, Effect.fail(outcome.failure))
        this.#crew.startFailed(outcome.failure)
        if (!insists) return this.giveUp(outcome.failure)
      }
      let life = outcome._tag === "Success" ? this.#join(outcome.success) : yield* this.#refill(true)
      for (;;) {
        const reason = yield* Effect.raceFirst(endedOrSpoiled(life), Deferred.await(life.due))
        life = reason === undefined ? yield* this.#refill(false) : yield* this.#relieve(life, reason)
      }
    })
  }

  /** Whoever waits for it to be up waits in vain. */
  giveUp(error: StartFailed): void {
    for (const wait of [this.tried, this.first]) Deferred.doneUnsafe(wait, Effect.fail(error))
  }

  #join(life: Life): Life {
    this.#restarts.succeeded(performance.now())
    this.up = true
    this.failing = false
    for (const wait of [this.tried, this.first]) Deferred.doneUnsafe(wait, Effect.void)
    this.#crew.join(life)
    return life
  }

  /** It has no worker any more. @param startFailed why: else its worker has ended. */
  #refill(startFailed: boolean): Effect.Effect<Life> {
    return Effect.gen({ self: this }, function* () {
      this.up = false
      for (let again = startFailed; ; again = true) {
        const delayMs = this.#restarts.failed(performance.now(), again ? "not started" : "ended")
        this.failing = again || delayMs > 0
        this.#crew.changed()
        yield* pause(delayMs)
        const outcome = yield* Effect.result(this.#crew.start)
        if (outcome._tag === "Success") return this.#join(outcome.success)
        this.#crew.startFailed(outcome.failure)
      }
    })
  }

  /** Its worker stays until another one is up. */
  #relieve(old: Life, reason: RecycleReason): Effect.Effect<Life> {
    return Effect.gen({ self: this }, function* () {
      const relief = Deferred.makeUnsafe<Life>()
      const fiber = yield* Effect.forkIn(this.#replace(old, reason, relief), this.#crew.scope)
      const change = isSpoiled(reason) ? ended(old) : endedOrSpoiled(old)
      const spoiled = yield* Effect.raceFirst(change, Deferred.await(relief).pipe(Effect.as(undefined)))
      if (!Deferred.isDoneUnsafe(relief)) yield* Fiber.interrupt(fiber)
      if (Deferred.isDoneUnsafe(relief)) return yield* Deferred.await(relief)
      return yield* spoiled === undefined ? this.#refill(false) : this.#relieve(old, spoiled)
    })
  }

  /** @param relief gets who is up then: another worker, or the old one, whose turn comes again. */
  #replace(old: Life, reason: RecycleReason, relief: Deferred.Deferred<Life>): Effect.Effect<void> {
    const { starting, leaving } = this.#crew.permitsFor(reason)
    const replacing = Effect.gen({ self: this }, function* () {
      // Who waits for calls to end must not keep others from starting.
      const delayMs = yield* starting.withPermit(this.#startInstead(old, reason, relief))
      if (delayMs === 0) yield* this.#retire(old, reason)
      return delayMs
    })
    return Effect.gen(function* () {
      yield* pause(yield* leaving.withPermit(replacing))
      Deferred.doneUnsafe(relief, Effect.succeed(old))
    })
  }

  /** @returns how long the old one stays, at least; 0: it is relieved. */
  #startInstead(old: Life, reason: RecycleReason, relief: Deferred.Deferred<Life>): Effect.Effect<number> {
    return Effect.gen({ self: this }, function* () {
      // A session may have begun while it waited for its turn.
      if (!isSpoiled(reason) && this.#crew.isBound(old)) return leastDelayMs
      const outcome = yield* Effect.result(this.#crew.start)
      if (outcome._tag === "Failure") {
        this.#crew.startFailed(outcome.failure, reason)
        this.#crew.stays(old, reason, outcome.failure)
        return Math.max(leastDelayMs, this.#restarts.failed(performance.now(), "not started"))
      }
      Deferred.doneUnsafe(relief, Effect.succeed(this.#join(outcome.success)))
      return 0
    })
  }

  /** What it still runs, and the sessions that are bound to it, may take long; less so once it is no good any more. */
  #retire(old: Life, reason: RecycleReason): Effect.Effect<void> {
    const retired = this.#crew.retire(old, reason)
    if (isSpoiled(reason)) return retired
    return Effect.gen({ self: this }, function* () {
      const spoiled = yield* Effect.raceFirst(Effect.as(retired, undefined), Deferred.await(old.spoiled))
      if (spoiled !== undefined) yield* this.#crew.retire(old, spoiled)
    })
  }
}

/** A worker that cannot be replaced is in no hurry. */
const leastDelayMs = 1000

const ended = ({ worker }: Life): Effect.Effect<undefined> =>
  Effect.promise(() => worker.stopped.then(() => undefined))

const endedOrSpoiled = (life: Life): Effect.Effect<SpoiledReason | undefined> =>
  Effect.raceFirst(ended(life), Deferred.await(life.spoiled))
