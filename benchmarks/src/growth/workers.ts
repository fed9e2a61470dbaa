import { cpus } from "node:os"
import type { Dimension } from "./dimension.js"
import { callMetrics, callPanels, load, withPit } from "./load.js"

const callersEach = 64

/** More workers, each with the same number of callers. */
export const workers: Dimension = {
  name: "workers",
  title: `tiny calls, 1 to 8 workers, ${callersEach} callers for each`,
  axis: "workers",
  points: [1, 2, 4, 8],
  expected:
    `Calls/s grow until the host's one thread or the cores (${cpus().length} here, for the host and all workers) ` +
    "are used up, and are flat from there on: choosing among more workers costs no more, so latency grows only as " +
    "the number of callers does.",
  metrics: callMetrics,
  panels: callPanels,
  limits: [
    { metric: "rate", at: 8, from: 1, atLeast: 0.5 },
    { metric: "rate", at: 8, from: 2, atLeast: 0.5 },
  ],
  prepare: (line, at, python) =>
    withPit(line, { python, workers: at }, (pit, budget) =>
      load(callersEach * at, budget, (value) => pit.execute("echo", { value })),
    ),
}
