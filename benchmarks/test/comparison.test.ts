import { describe, expect, it } from "vitest"
import { compareAll } from "../src/comparison.js"
import { report } from "../src/report.js"
import { type ScenarioResult, summarize } from "../src/runner.js"
import type { Metric } from "../src/scenario.js"

const metrics: readonly Metric[] = [
  { name: "rate", unit: "calls/s", better: "higher" },
  { name: "hostCpu", unit: "µs/op" },
]

function result(rates: Record<string, readonly number[]>): ScenarioResult {
  const contestants = Object.entries(rates).map(([name, values]) => {
    const rounds = values.map((rate) => ({ rate, hostCpu: 1 }))
    return { name, rounds, summary: summarize(rounds, metrics) }
  })
  return { name: "throughput", title: "tiny calls", metrics, contestants }
}

const names = { scenario: "throughput", metric: "rate", subject: "snakepit-orjson", baseline: "raw-pipe" }
const half = [{ ...names, atLeast: 0.5 }]

describe("compareAll", () => {
  it.each([
    { own: [90, 100, 110], verdict: "met" },
    { own: [30, 40, 45], verdict: "missed" },
    { own: [45, 60, 70], verdict: "undecided" },
  ])("judges $own against half of 100 as $verdict", ({ own, verdict }) => {
    const [only, ...others] = compareAll(
      [result({ "snakepit-orjson": own, "raw-pipe": [100, 100, 100] })],
      half,
    )
    expect(only).toMatchObject({ ...names, atLeast: 0.5, verdict })
    expect(others).toEqual([])
  })

  it("says who is better where there is no target", () => {
    const rows = compareAll([result({ "snakepit-orjson": [100], "raw-pipe": [300], pythonia: [20] })], [])
    expect(rows.map(({ baseline, verdict }) => [baseline, verdict])).toEqual([
      ["raw-pipe", "worse"],
      ["pythonia", "better"],
    ])
  })

  it("takes a smaller number for the better one where the metric says so", () => {
    const lower: ScenarioResult = {
      ...result({ "snakepit-orjson": [100], "raw-pipe": [300] }),
      metrics: [{ name: "rate", unit: "µs", better: "lower" }],
    }
    expect(compareAll([lower], [])).toMatchObject([{ verdict: "better" }])
    expect(compareAll([lower], [{ ...names, atMost: 0.1 }])).toMatchObject([{ verdict: "missed" }])
  })
})

describe("summarize", () => {
  it("leaves a metric out that some round could not measure", () => {
    expect(summarize([{ rate: 1, hostCpu: 2 }, { rate: 3 }], metrics)).toEqual({
      rate: { min: 1, median: 2, max: 3 },
    })
  })
})

describe("report", () => {
  it("shows numbers, ratios, targets and verdicts in aligned columns", () => {
    const results = [result({ "snakepit-orjson": [90_000, 100_000, 110_000], "raw-pipe": [200_000] })]
    const text = report(results, compareAll(results, half))
    expect(text).toContain("throughput: tiny calls")
    expect(text).toMatch(/^snakepit-orjson +100,000 \(90,000–110,000\) +1$/m)
    expect(text).toMatch(
      /^throughput rate: snakepit-orjson ÷ raw-pipe +0\.5 +0\.45–0\.55 +≥ 0\.5 +undecided$/m,
    )
  })
})
