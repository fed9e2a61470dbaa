import { compareAll } from "../src/comparison.js"
import { judgeAll } from "../src/judgement.js"
import type { Results } from "../src/results.js"
import { type ScenarioResult, summarize } from "../src/runner.js"
import type { Metric } from "../src/scenario.js"
import type { Goal } from "../src/targets.js"

export const metrics: readonly Metric[] = [
  { name: "rate", unit: "calls/s", better: "higher" },
  { name: "hostCpu", unit: "µs/op" },
]

/** A scenario in which the rounds of a contestant measured what it is given here, over and over. */
export function result(rates: Record<string, readonly number[]>, name = "throughput"): ScenarioResult {
  const count = Math.max(...Object.values(rates).map(({ length }) => length))
  const contestants = Object.entries(rates).map(([contestant, values]) => {
    const rounds = Array.from({ length: count }, (_, i) => ({
      rate: values[i % values.length] ?? Number.NaN,
      hostCpu: 1,
    }))
    return { name: contestant, rounds, summary: summarize(rounds, metrics) }
  })
  return { name, title: "tiny calls", metrics, contestants }
}

/** A whole run with these scenarios. */
export function run(scenarios: readonly ScenarioResult[]): Results {
  return {
    date: "2026-01-31T12:00:00.000Z",
    machine: {
      platform: "linux",
      arch: "x64",
      kernel: "6.1",
      cpu: "Some CPU",
      cores: 2,
      memoryBytes: 8e9,
      load: [0.5, 0.25, 0.125],
    },
    versions: { node: "20.19.0", python: "3.11.7" },
    quick: false,
    pace: { rounds: 3, roundMs: 300, warmupMs: 200 },
    absent: ["fastapi is left out: this Python lacks uvloop (python3 -m pip install uvloop)"],
    scenarios,
    comparisons: compareAll(scenarios),
    goals: judgeAll(madeUpGoals, scenarios),
  }
}

const rate = { scenario: "throughput", metric: "rate", baseline: "raw-pipe" }
const madeUpGoals: readonly Goal[] = [
  { name: "fast", targets: [{ ...rate, subject: "snakepit-json", atLeast: 0.5 }] },
  {
    name: "fast",
    targets: ["snakepit-json", "snakepit-grpc"].map((subject) => ({ ...rate, subject, atLeast: 0.4 })),
  },
  {
    name: "soon",
    targets: [{ scenario: "startup-1", metric: "time", subject: "snakepit-json", atMost: 250, unit: "ms" }],
  },
]
