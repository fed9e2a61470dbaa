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

/** What slots share. */
export interface Crew {
  /** Where what goes on beside a slot belongs. */
  readonly scope: Scope.Scope
  /** A worker that is up, and gets no calls yet. */
  readonly start: Effect.Effect<Life, StartFailed>
  /** Bounds how many workers are replaced at a time for a reason. */
  permitsFor(reason: RecycleReason): Semaphore.Semaphore
  join(life: Life): void
  startFailed(error: StartFailed): void
  /** A worker that is due cannot be replaced yet. */
  stays(life: Life, reason: RecycleReason, error: StartFailed): void
  /** Gives a worker no more calls, and ends it when those that it has have ended. */
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
  /** Its first start. */
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
        Deferred.doneUnsafe(this.first, Effect.fail(outcome.failure))
        this.#crew.startFailed(outcome.failure)
        if (!insists) return
      }
      let life = outcome._tag === "Success" ? this.#join(outcome.success) : yield* this.#refill(true)
      for (;;) {
        const reason = yield* Effect.raceFirst(endedOrSpoiled(life), Deferred.await(life.due))
        life = reason === undefined ? yield* this.#refill(false) : yield* this.#relieve(life, reason)
      }
    })
  }

  #join(life: Life): Life {
    this.#restarts.succeeded(performance.now())
    this.up = true
    this.failing = false
    Deferred.doneUnsafe(this.first, Effect.void)
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
      const replacing = this.#crew.permitsFor(reason).withPermit(this.#replace(old, reason, relief))
      const fiber = yield* Effect.forkIn(replacing, this.#crew.scope)
      const change = isSpoiled(reason) ? ended(old) : endedOrSpoiled(old)
      const spoiled = yield* Effect.raceFirst(change, Deferred.await(relief).pipe(Effect.as(undefined)))
      if (!Deferred.isDoneUnsafe(relief)) yield* Fiber.interrupt(fiber)
      if (Deferred.isDoneUnsafe(relief)) return yield* Deferred.await(relief)
      return yield* spoiled === undefined ? this.#refill(false) : this.#relieve(old, spoiled)
    })
  }

  #replace(old: Life, reason: RecycleReason, relief: Deferred.Deferred<Life>): Effect.Effect<void> {
    return Effect.gen({ self: this }, function* () {
      const outcome = yield* Effect.result(this.#crew.start)
      if (outcome._tag === "Failure") {
        this.#crew.startFailed(outcome.failure)
        this.#crew.stays(old, reason, outcome.failure)
        yield* pause(Math.max(leastDelayMs, this.#restarts.failed(performance.now(), "not started")))
        Deferred.doneUnsafe(relief, Effect.succeed(old))
        return
      }
      Deferred.doneUnsafe(relief, Effect.succeed(this.#join(outcome.success)))
      yield* this.#crew.retire(old, reason)
    })
  }
}

/** A worker that cannot be replaced is in no hurry. */
const leastDelayMs = 1000

const ended = ({ worker }: Life): Effect.Effect<undefined> =>
  Effect.promise(() => worker.stopped.then(() => undefined))

const endedOrSpoiled = (life: Life): Effect.Effect<SpoiledReason | undefined> =>
  Effect.raceFirst(ended(life), Deferred.await(life.spoiled))
