import type { PoolConfig, Snakepit } from "@snakepit/core"
import type { Setup } from "../contestant.js"
import type { SnakepitContestant } from "../contestants/snakepit.js"
import {
  cpuMetrics,
  type Entry,
  expectSame,
  type Measurement,
  type Metric,
  tinyValue,
  type Work,
  withCpu,
} from "../scenario.js"
import { percentile } from "../statistics.js"
import type { Panel } from "./dimension.js"

export const latencyMetrics: readonly Metric[] = [
  { name: "p50", unit: "µs", better: "lower" },
  { name: "p99", unit: "µs", better: "lower" },
]

/** What `load` measures, with the CPU time that it took. */
export const callMetrics: readonly Metric[] = [
  { name: "rate", unit: "calls/s", better: "higher" },
  ...latencyMetrics,
  ...cpuMetrics,
]

export const latencyPanel: Panel = { metrics: ["p50", "p99"], title: "µs for a call", log: true }
export const callPanels: readonly Panel[] = [
  { metrics: ["rate"], title: "calls/s", log: false },
  latencyPanel,
]

/** An entry that keeps one pool open for all rounds and adds `cpuMetrics`. */
export async function withPit(
  line: SnakepitContestant,
  setup: Setup,
  round: (pit: Snakepit, budget: number) => Promise<Work>,
  pool?: PoolConfig,
): Promise<Entry> {
  const pit = await line.start(setup, pool)
  const pids = pit.workers().flatMap(({ pid }) => (pid === null ? [] : [pid]))
  return {
    close: () => pit.close(),
    measure: (budget) => withCpu(pids, () => round(pit, budget)),
  }
}

/** Calls of the tiny tool by `callers`, each of which waits for its answer before it calls again, for `budget` ms. */
export async function load(
  callers: number,
  budget: number,
  call: (value: number, n: number) => Promise<number>,
): Promise<Work> {
  const times: number[] = []
  let calls = 0
  const start = performance.now()
  const caller = async () => {
    for (let now = start; now - start < budget; ) {
      const n = calls++
      const value = tinyValue(n)
      expectSame(await call(value, n), value)
      const after = performance.now()
      times.push((after - now) * 1000)
      now = after
    }
  }
  await Promise.all(Array.from({ length: callers }, caller))
  const rate = (calls * 1000) / (performance.now() - start)
  return { operations: calls, metrics: { rate, ...latencies(times) } }
}

/** Fewer calls have no 99th percentile to speak of. */
const enoughForP99 = 100

/** @param times of single calls, in µs */
export function latencies(times: readonly number[]): Measurement {
  return {
    p50: percentile(times, 0.5),
    ...(times.length >= enoughForP99 && { p99: percentile(times, 0.99) }),
  }
}
