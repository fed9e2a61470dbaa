import { randomFillSync } from "node:crypto"
import { binaryPeers, textPeers, transports } from "../contestants/index.js"
import { rawPipe } from "../contestants/raw-pipe.js"
import { cpuMetrics, type Scenario, withOneWorker } from "../scenario.js"

/** How many bytes each scenario sends. A kilobyte is a thousand bytes, a megabyte a million. */
export const payloads: Readonly<Record<string, number>> = {
  "bytes-1kb": 1_000,
  "bytes-32kb": 32_000,
  "bytes-1mb": 1_000_000,
  "bytes-10mb": 10_000_000,
  "bytes-100mb": 100_000_000,
}

/** From here on one call with base64 takes seconds, and gigabytes of memory. */
const tooMuchForText = 100_000_000

export const bytes: readonly Scenario[] = Object.entries(payloads).map(([name, size]) => echo(name, size))

/** Bytes to Python and back, one call at a time, the payload counted once for both ways. */
function echo(name: string, size: number): Scenario {
  return {
    name,
    title: `echo of ${sizeText(size)} of bytes, one at a time, 1 worker`,
    metrics: [{ name: "rate", unit: "MB/s", better: "higher" }, ...cpuMetrics],
    contestants: [...transports, rawPipe, ...binaryPeers, ...(size < tooMuchForText ? textPeers : [])],
    prepare: (contestant, python) => {
      const data = noise(size)
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
        return { operations, metrics: { rate: (size * operations) / (spent * 1000) } }
      })
    },
  }
}

let shared = new Uint8Array(0)

/** The same random bytes for every contestant: six copies of the largest payload are a lot of memory. */
function noise(size: number): Uint8Array {
  if (shared.length < size) shared = randomFillSync(new Uint8Array(size))
  return shared.subarray(0, size)
}

function sizeText(size: number): string {
  return size < 1_000_000 ? `${size / 1_000} KB` : `${size / 1_000_000} MB`
}
