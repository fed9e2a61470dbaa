import type { Dimension } from "./dimension.js"
import { callMetrics, callPanels, load, withPit } from "./load.js"

/** More callers at once for one worker. */
export const callers: Dimension = {
  name: "callers",
  title: "tiny calls, 1 to 1,000 callers at once, 1 worker",
  axis: "callers at once",
  points: [1, 4, 16, 64, 256, 1000],
  expected:
    "Calls/s grow while more calls share a system call and nobody waits for a wake-up, up to 64 callers, as many " +
    "as a worker is sent ahead; beyond that the others wait in the queue, calls/s are flat, and latency grows as " +
    "the number of callers does.",
  metrics: callMetrics,
  panels: callPanels,
  limits: [
    { metric: "rate", at: 1000, from: 64, atLeast: 0.5 },
    { metric: "p50", at: 1000, from: 64, atMost: 2 * (1000 / 64) },
  ],
  prepare: (line, at, python) =>
    withPit(line, { python, workers: 1 }, (pit, budget) =>
      load(at, budget, (value) => pit.execute("echo", { value })),
    ),
}
