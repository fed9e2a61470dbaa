import { randomFillSync } from "node:crypto"
import { pythonShell } from "../contestants/python-shell.js"
import { pythonia } from "../contestants/pythonia.js"
import { rawPipe } from "../contestants/raw-pipe.js"
import { snakepitOrjson } from "../contestants/snakepit-json.js"
import { cpuMetrics, type Scenario, withOneWorker } from "../scenario.js"

/** Bytes to Python and back, one call at a time. A megabyte is a million bytes, counted once for both ways. */
export function bytes(megabytes: number): Scenario {
  return {
    name: `bytes-${megabytes}mb`,
    title: `echo of ${megabytes} MB of bytes, one at a time, 1 worker`,
    metrics: [{ name: "rate", unit: "MB/s", better: "higher" }, ...cpuMetrics],
    contestants: [snakepitOrjson, rawPipe, pythonShell, pythonia],
    prepare: (contestant, python) => {
      const data = randomFillSync(new Uint8Array(megabytes * 1_000_000))
      return withOneWorker(contestant, python, async (session, budget) => {
        let spent = 0
        let operations = 0
        for (; spent < budget; operations++) {
          const start = performance.now()
          const answer = await session.echoBytes(data)
          spent += performance.now() - start
          if (Buffer.compare(answer, data) !== 0)
            throw new Error("wrong answer: not the bytes that were sent")
        }
        return { operations, metrics: { rate: (megabytes * operations * 1000) / spent } }
      })
    },
  }
}
