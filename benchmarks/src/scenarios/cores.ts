import { snakepitJson } from "../contestants/snakepit.js"
import { cpuMetrics, type Entry, expectSame, type Scenario, withCpu } from "../scenario.js"
import { ways } from "./ways.js"

const callers = 8
/** It takes Python some 5 ms to add them up. */
const numbers = 120_000
const sum = ((numbers - 1) * numbers * (2 * numbers - 1)) / 6

/** A tool that computes, on one worker and on two: whether the second core does as much as the first. */
export const cores: Scenario = {
  name: "cores",
  title: `a tool that computes for about 5 ms, ${callers} in flight, 1 and 2 workers`,
  metrics: [{ name: "rate", unit: "calls/s", better: "higher" }, ...cpuMetrics],
  reference: "snakepit-1-worker",
  ...ways(
    {
      "snakepit-1-worker": (python) => computing(python, 1),
      "snakepit-2-workers": (python) => computing(python, 2),
    },
    ["orjson"],
  ),
}

async function computing(python: string, workers: number): Promise<Entry> {
  const pit = await snakepitJson.start({ python, workers })
  const pids = pit.workers().flatMap(({ pid }) => pid ?? [])
  return {
    close: () => pit.close(),
    measure: (budget) =>
      withCpu(pids, async () => {
        let operations = 0
        const start = performance.now()
        const caller = async () => {
          while (performance.now() - start < budget) {
            expectSame(await pit.execute<number>("sum_of_squares", { n: numbers }), sum)
            operations++
          }
        }
        await Promise.all(Array.from({ length: callers }, caller))
        return { operations, metrics: { rate: (operations * 1000) / (performance.now() - start) } }
      }),
  }
}
