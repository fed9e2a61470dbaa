import type { Session } from "../contestant.js"
import { restingTransports } from "../contestants/index.js"
import { residentMemory } from "../memory.js"
import { cpuMetrics, expectSame, type Measurement, type Scenario, withOneWorker } from "../scenario.js"
import { slope } from "../statistics.js"

const long = 1_000_000
/** In a round of less than half a second, as quick runs have them. */
const short = 200_000
const samples = 100
/** The first fifth of a stream is left out: buffers and heaps reach their size there. */
const warm = 0.2
const unit = 100_000

/** A stream that is consumed more slowly than it could be produced: whether memory grows with its length. */
export const slowConsumer: Scenario = {
  name: "slow-consumer",
  title:
    "growth of memory over a stream of up to a million chunks, the consumer resting after every thousand",
  metrics: [
    { name: "hostSlope", unit: "MB/100k chunks", better: "lower", alone: true },
    { name: "workerSlope", unit: "MB/100k chunks", better: "lower", alone: true },
    ...cpuMetrics,
  ],
  contestants: restingTransports,
  rounds: 5,
  cold: true,
  prepare: (contestant, python) =>
    withOneWorker(contestant, python, async (session, budget) => {
      const n = budget < 500 ? short : long
      return { operations: n, metrics: await consume(session, n) }
    }),
}

async function consume(session: Session, n: number): Promise<Measurement> {
  const [pid = 0] = await session.pids()
  const host: Point[] = []
  const worker: Point[] = []
  let seen = 0
  await session.count(n, (value) => {
    expectSame(value, seen++)
    if (seen % Math.ceil(n / samples) !== 0 || seen < n * warm) return
    host.push([seen / unit, process.memoryUsage.rss() / 1e6])
    const resident = residentMemory(pid)
    if (resident !== undefined) worker.push([seen / unit, resident])
  })
  expectSame(seen, n)
  return { hostSlope: slope(host), ...(worker.length > 0 && { workerSlope: slope(worker) }) }
}

type Point = readonly [chunks: number, megabytes: number]
