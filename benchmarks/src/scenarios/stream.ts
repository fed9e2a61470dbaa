import type { Session } from "../contestant.js"
import { everyone } from "../contestants/index.js"
import { cpuMetrics, expectSame, type Scenario, withOneWorker } from "../scenario.js"
import { median } from "../statistics.js"

const shortStreams = 20
const shortLength = 10
const firstGuess = 2_000
const longest = 900_000

/** One consumer of a generator that yields small integers as fast as it can. */
export const stream: Scenario = {
  name: "stream",
  title: "stream of small chunks, 1 worker",
  metrics: [
    { name: "rate", unit: "chunks/s", better: "higher" },
    { name: "first", unit: "µs", better: "lower" },
    ...cpuMetrics,
  ],
  contestants: everyone,
  prepare: (contestant, python) => {
    // A stream's length is fixed when it starts, so the last round says how many chunks fill the budget.
    let perMs = 0
    return withOneWorker(contestant, python, async (session, budget) => {
      const firsts: number[] = []
      for (let i = 0; i < shortStreams; i++) firsts.push((await consume(session, shortLength)).first)
      const n =
        perMs === 0 ? firstGuess : Math.min(longest, Math.max(shortLength, Math.round(perMs * budget)))
      const { total } = await consume(session, n)
      perMs = n / total
      return {
        operations: n + shortStreams * shortLength,
        metrics: { rate: perMs * 1000, first: median(firsts) * 1000 },
      }
    })
  },
}

/** @returns how long the first chunk and all `n` chunks took, in ms. */
async function consume(session: Session, n: number): Promise<{ first: number; total: number }> {
  const start = performance.now()
  let first = 0
  let seen = 0
  await session.count(n, (value) => {
    if (seen === 0) first = performance.now() - start
    expectSame(value, seen++)
  })
  const total = performance.now() - start
  expectSame(seen, n)
  return { first, total }
}
