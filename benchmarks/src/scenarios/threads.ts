import { snakepitJson } from "../contestants/snakepit.js"
import type { Scenario } from "../scenario.js"
import { ways } from "./ways.js"

const threads = 16
const seconds = 0.5

/** Tools that wait, all at once in the threads of one worker: no faster than one of them. */
export const threadsScenario: Scenario = {
  name: "threads",
  title: `${threads} calls that sleep for ${seconds} s, at once, 1 worker with ${threads} threads`,
  metrics: [{ name: "time", unit: "ms", better: "lower" }],
  ...ways(
    {
      "snakepit-threads": async (python) => {
        const pit = await snakepitJson.start({ python, workers: 1 }, { profile: "thread", threads })
        return {
          close: () => pit.close(),
          measure: async () => {
            const start = performance.now()
            await Promise.all(Array.from({ length: threads }, () => pit.execute("sleep", { seconds })))
            return { time: performance.now() - start }
          },
        }
      },
    },
    ["orjson"],
  ),
}
