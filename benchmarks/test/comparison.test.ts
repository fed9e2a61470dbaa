import { describe, expect, it } from "vitest"
import { compareAll } from "../src/comparison.js"
import { type ScenarioResult, summarize } from "../src/runner.js"
import { scenarios } from "../src/scenarios/index.js"
import { targets } from "../src/targets.js"
import { metrics, result } from "./made-up.js"

const names = { scenario: "throughput", metric: "rate", subject: "snakepit-json", baseline: "raw-pipe" }
const half = [{ ...names, atLeast: 0.5 }]

describe("compareAll", () => {
  it.each([
    { own: [90, 100, 110], verdict: "met" },
    { own: [30, 40, 45], verdict: "missed" },
    { own: [45, 60, 70], verdict: "undecided" },
  ])("judges $own against half of 100 as $verdict", ({ own, verdict }) => {
    const [only, ...others] = compareAll(
      [result({ "snakepit-json": own, "raw-pipe": [100, 100, 100] })],
      half,
    )
    expect(only).toMatchObject({ ...names, atLeast: 0.5, verdict })
    expect(others).toEqual([])
  })

  it("says who is better where there is no target", () => {
    const rows = compareAll([result({ "snakepit-json": [100], "raw-pipe": [300], pythonia: [20] })], [])
    expect(rows.map(({ baseline, verdict }) => [baseline, verdict])).toEqual([
      ["raw-pipe", "worse"],
      ["pythonia", "better"],
    ])
  })

  it("takes a smaller number for the better one where the metric says so", () => {
    const lower: ScenarioResult = {
      ...result({ "snakepit-json": [100], "raw-pipe": [300] }),
      metrics: [{ name: "rate", unit: "µs", better: "lower" }],
    }
    expect(compareAll([lower], [])).toMatchObject([{ verdict: "better" }])
    expect(compareAll([lower], [{ ...names, atMost: 0.1 }])).toMatchObject([{ verdict: "missed" }])
  })
})

describe("compareAll of several transports", () => {
  it("measures each against JSON too, but none against itself", () => {
    const rates = { "snakepit-json": [100], "snakepit-msgpack": [300], "raw-pipe": [400] }
    expect(
      compareAll([result(rates)], []).map(({ subject, baseline }) => `${subject} ÷ ${baseline}`),
    ).toEqual(["snakepit-json ÷ raw-pipe", "snakepit-msgpack ÷ snakepit-json", "snakepit-msgpack ÷ raw-pipe"])
  })
})

describe("targets", () => {
  it.each(targets)("$scenario $metric: $subject ÷ $baseline is measured", (target) => {
    const scenario = scenarios.find(({ name }) => name === target.scenario)
    expect(scenario?.metrics.filter(({ better }) => better).map(({ name }) => name)).toContain(target.metric)
    const contestants = scenario?.contestants.flatMap(({ name, instead }) => [name, instead?.name])
    expect(contestants).toEqual(expect.arrayContaining([target.subject, target.baseline]))
  })

  it("each have one bound", () => {
    for (const { atLeast, atMost } of targets) expect([atLeast, atMost]).toContain(undefined)
    for (const { atLeast, atMost } of targets) expect(atLeast ?? atMost).toBeGreaterThan(0)
  })
})

describe("summarize", () => {
  it("leaves a metric out that some round could not measure", () => {
    expect(summarize([{ rate: 1, hostCpu: 2 }, { rate: 3 }], metrics)).toEqual({
      rate: { min: 1, median: 2, max: 3 },
    })
  })
})
