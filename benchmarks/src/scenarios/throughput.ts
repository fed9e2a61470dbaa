import { everyone } from "../contestants/index.js"
import { cpuMetrics, expectSame, type Scenario, tinyValue, withOneWorker } from "../scenario.js"

const callers = 64

/** 64 callers, each of which waits for its answer before it calls again. */
export const throughput: Scenario = {
  name: "throughput",
  title: `tiny call, ${callers} in flight, 1 worker`,
  metrics: [{ name: "rate", unit: "calls/s", better: "higher" }, ...cpuMetrics],
  contestants: everyone,
  prepare: (contestant, python) =>
    withOneWorker(contestant, python, async (session, budget) => {
      let calls = 0
      const start = performance.now()
      const caller = async () => {
        while (performance.now() - start < budget) {
          const value = tinyValue(calls++)
          expectSame(await session.echo(value), value)
        }
      }
      await Promise.all(Array.from({ length: callers }, caller))
      return { operations: calls, metrics: { rate: (calls * 1000) / (performance.now() - start) } }
    }),
}
