import { Effect, type Scope } from "effect"
import type { StartFailed } from "../errors/errors.js"
import type { RunningPool, RunPoolOptions } from "./running-pool.js"
import { Supervisor } from "./supervisor/supervisor.js"

/** Starts the workers. Fails with the first worker that cannot start; nothing is left running then. */
export const runPool = (options: RunPoolOptions): Effect.Effect<RunningPool, StartFailed, Scope.Scope> =>
  Effect.gen(function* () {
    const supervisor = new Supervisor(options, yield* Effect.scope)
    yield* Effect.addFinalizer(() => Effect.promise(() => supervisor.close(options.cancelGraceMs)))
    yield* supervisor.run
    yield* options.waitFor === "first" ? supervisor.firstReady : supervisor.ready
    return supervisor
  })
