import { everyone } from "../contestants/index.js"
import { cpuMetrics, expectSame, type Scenario, tinyValue, withOneWorker } from "../scenario.js"
import { percentile } from "../statistics.js"

/** One caller that waits for each answer before it calls again. */
export const latency: Scenario = {
  name: "latency",
  title: "tiny call, one at a time, 1 worker",
  metrics: [
    { name: "p50", unit: "µs", better: "lower" },
    { name: "p99", unit: "µs", better: "lower" },
    ...cpuMetrics,
  ],
  contestants: everyone,
  prepare: (contestant, python) =>
    withOneWorker(contestant, python, async (session, budget) => {
      const times: number[] = []
      const end = performance.now() + budget
      for (let now = performance.now(); now < end; ) {
        const value = tinyValue(times.length)
        expectSame(await session.echo(value), value)
        const after = performance.now()
        times.push((after - now) * 1000)
        now = after
      }
      return {
        operations: times.length,
        metrics: { p50: percentile(times, 0.5), p99: percentile(times, 0.99) },
      }
    }),
}
