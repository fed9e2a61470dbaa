import type { Dimension } from "./dimension.js"
import { callMetrics, callPanels, load, withPit } from "./load.js"

const callersAtOnce = 64

/** More sessions that live and are used in turn by the same number of callers. */
export const sessions: Dimension = {
  name: "sessions",
  title: `tiny calls, 1 to 10,000 sessions used in turn by ${callersAtOnce} callers, 1 worker`,
  axis: "sessions",
  points: [1, 10, 100, 1_000, 10_000],
  expected:
    "Flat: a session is found by its id in a table, so the cost of a call does not depend on how many others live.",
  metrics: callMetrics,
  panels: callPanels,
  limits: [
    { metric: "rate", at: 10_000, from: 100, atLeast: 0.5 },
    { metric: "p50", at: 10_000, from: 100, atMost: 2 },
  ],
  prepare: (line, at, python) => {
    const ids = Array.from({ length: at }, (_, i) => `session-${i}`)
    let next = 0
    return withPit(line, { python, workers: 1 }, async (pit, budget) => {
      const call = (value: number) => {
        const session = ids[next++ % at]
        return pit.execute<number>("echo", { value }, session === undefined ? {} : { session })
      }
      // A session is made by its first use, which is not what is measured: it falls into the warm-up.
      while (next < at) await load(callersAtOnce, 100, call)
      return load(callersAtOnce, budget, call)
    })
  },
}
