import { Effect } from "effect"
import { startTimer } from "../../process/timer.js"

/** Unlike `Effect.sleep`, it does not keep the program alive. */
export const pause = (ms: number): Effect.Effect<void> =>
  ms <= 0
    ? Effect.void
    : Effect.callback((resume) => {
        const timer = startTimer(ms, () => resume(Effect.void))
        timer?.unref()
        return Effect.sync(() => clearTimeout(timer))
      })
