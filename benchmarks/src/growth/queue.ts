import type { Snakepit } from "@snakepit/core"
import { cpuMetrics, expectSame, tinyValue } from "../scenario.js"
import type { Dimension } from "./dimension.js"
import { latencies, latencyMetrics, latencyPanel, withPit } from "./load.js"

/** What one worker is sent before any call has to wait for it. */
const sentAhead = 64

/** Longer queues: bursts of calls that are all submitted before the first answer can come. */
export const queue: Dimension = {
  name: "queue",
  title: `bursts of ${sentAhead} tiny calls and 0 to 10,000 more that wait in the queue, 1 worker`,
  axis: "calls waiting",
  points: [0, 100, 1_000, 10_000],
  expected:
    "Flat: a call is put at the end of a list and taken from its head, so neither accepting nor dispatching one " +
    "depends on how many wait; what a call waits itself grows with the number of those before it. Ten thousand that " +
    "wait together cost somewhat more, for the garbage collector has to copy what lives so long.",
  metrics: [
    { name: "accept", unit: "µs/call", better: "lower" },
    { name: "dispatch", unit: "µs/call", better: "lower" },
    ...latencyMetrics,
    ...cpuMetrics,
  ],
  panels: [
    {
      metrics: ["accept", "dispatch"],
      title: "µs a call",
      log: false,
    },
    latencyPanel,
  ],
  limits: [
    { metric: "accept", at: 10_000, from: 100, atMost: 2 },
    { metric: "dispatch", at: 10_000, from: 100, atMost: 2 },
  ],
  prepare: (line, at, python) => {
    const calls = sentAhead + at
    const pool = { maxQueue: calls, queueTimeout: "1 minute" } as const
    const round = async (pit: Snakepit, budget: number) => {
      const times: number[] = []
      let accepted = 0
      let answered = 0
      while (answered < budget) {
        const burst = await submit(pit, calls, times)
        accepted += burst.accepted
        answered += burst.answered
      }
      const cost = { accept: (accepted * 1000) / times.length, dispatch: (answered * 1000) / times.length }
      return { operations: times.length, metrics: { ...cost, ...latencies(times) } }
    }
    return withPit(line, { python, workers: 1 }, round, pool)
  },
}

/** @returns when, in ms after the first was submitted, all of the calls were, and when all were answered. */
async function submit(
  pit: Snakepit,
  calls: number,
  times: number[],
): Promise<{ accepted: number; answered: number }> {
  const start = performance.now()
  const answers = Array.from({ length: calls }, (_, n) => {
    const submitted = performance.now()
    const value = tinyValue(n)
    return pit.execute<number>("echo", { value }).then((answer) => {
      expectSame(answer, value)
      times.push((performance.now() - submitted) * 1000)
    })
  })
  const accepted = performance.now() - start
  await Promise.all(answers)
  return { accepted, answered: performance.now() - start }
}
