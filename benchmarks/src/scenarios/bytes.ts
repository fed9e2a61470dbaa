import type { Contestant } from "../contestant.js"
import {
  binaryPeers,
  sharing,
  sharingTensors,
  tensorTransports,
  textPeers,
  transports,
} from "../contestants/index.js"
import { rawPipe } from "../contestants/raw-pipe.js"
import { expectSameBytes, noise, sizeText } from "../payload.js"
import { cpuMetrics, type Scenario, withOneWorker } from "../scenario.js"

/** How many bytes each scenario sends. A kilobyte is a thousand bytes, a megabyte a million. */
export const payloads: Readonly<Record<string, number>> = {
  "bytes-1kb": 1_000,
  "bytes-32kb": 32_000,
  "bytes-1mb": 1_000_000,
  "bytes-10mb": 10_000_000,
  "bytes-100mb": 100_000_000,
}

const arrays: Readonly<Record<string, number>> = {
  "tensors-1mb": 1_000_000,
  "tensors-10mb": 10_000_000,
  "tensors-100mb": 100_000_000,
}

/** What is smaller is not handed over in shared memory. */
const worthSharing = 1024 * 1024

/** From here on one call with base64 takes seconds, and gigabytes of memory. */
const tooMuchForText = 100_000_000

export const bytes: readonly Scenario[] = Object.entries(payloads).map(([name, size]) => ({
  name,
  title: `echo of ${sizeText(size)} of bytes, one at a time, 1 worker`,
  ...echo(size, [
    ...transports,
    ...(size < worthSharing ? [] : sharing),
    rawPipe,
    ...binaryPeers,
    ...(size < tooMuchForText ? textPeers : []),
  ]),
}))

/** Beside the same number of bytes over a socket. */
export const tensors: readonly Scenario[] = Object.entries(arrays).map(([name, size]) => ({
  name,
  title: `echo of a NumPy array of ${sizeText(size)}, one at a time, 1 worker`,
  ...echo(size, [...tensorTransports, ...(size < worthSharing ? [] : sharingTensors), rawPipe]),
}))

/** To Python and back, one call at a time, the payload counted once for both ways. */
function echo(size: number, contestants: readonly Contestant[]): Omit<Scenario, "name" | "title"> {
  return {
    metrics: [{ name: "rate", unit: "MB/s", better: "higher" }, ...cpuMetrics],
    contestants,
    prepare: (contestant, python) => {
      const data = noise(size)
      return withOneWorker(contestant, python, async (session, budget) => {
        let spent = 0
        let operations = 0
        for (; spent < budget; operations++) {
          const start = performance.now()
          const answer = await session.echoBytes(data)
          spent += performance.now() - start
          expectSameBytes(answer, data)
        }
        return { operations, metrics: { rate: (size * operations) / (spent * 1000) } }
      })
    },
  }
}
