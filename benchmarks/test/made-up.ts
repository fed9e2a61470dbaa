import { compareAll } from "../src/comparison.js"
import type { Results } from "../src/results.js"
import { type ScenarioResult, summarize } from "../src/runner.js"
import type { Metric } from "../src/scenario.js"

export const metrics: readonly Metric[] = [
  { name: "rate", unit: "calls/s", better: "higher" },
  { name: "hostCpu", unit: "µs/op" },
]

/** A scenario in which every round of a contestant measured what it is given here. */
export function result(rates: Record<string, readonly number[]>, name = "throughput"): ScenarioResult {
  const contestants = Object.entries(rates).map(([contestant, values]) => {
    const rounds = values.map((rate) => ({ rate, hostCpu: 1 }))
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
    comparisons: compareAll(scenarios, [
      {
        scenario: "throughput",
        metric: "rate",
        subject: "snakepit-json",
        baseline: "raw-pipe",
        atLeast: 0.5,
      },
    ]),
  }
}
