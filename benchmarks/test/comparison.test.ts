import { describe, expect, it } from "vitest"
import { compareAll, ratio } from "../src/comparison.js"
import { type ScenarioResult, summarize } from "../src/runner.js"
import { metrics, result } from "./made-up.js"

const pairs = (results: readonly ScenarioResult[]) =>
  compareAll(results).map(({ subject, baseline }) => `${subject} ÷ ${baseline}`)

describe("compareAll", () => {
  it("says who is better, and leaves open what the rounds answer differently", () => {
    const rows = compareAll([
      result({ "snakepit-json": [90, 100, 110], "raw-pipe": [300], pythonia: [20], fastapi: [105] }),
    ])
    expect(rows.map(({ baseline, verdict }) => [baseline, verdict])).toEqual([
      ["raw-pipe", "worse"],
      ["pythonia", "better"],
      ["fastapi", "undecided"],
    ])
  })

  it("takes a smaller number for the better one where the metric says so", () => {
    const lower: ScenarioResult = {
      ...result({ "snakepit-json": [100], "raw-pipe": [300] }),
      metrics: [{ name: "rate", unit: "µs", better: "lower" }],
    }
    expect(compareAll([lower])).toMatchObject([{ verdict: "better" }])
  })

  it("measures each transport against JSON too, but none against itself", () => {
    const rates = { "snakepit-json": [100], "snakepit-msgpack": [300], "raw-pipe": [400] }
    expect(pairs([result(rates)])).toEqual([
      "snakepit-json ÷ raw-pipe",
      "snakepit-msgpack ÷ snakepit-json",
      "snakepit-msgpack ÷ raw-pipe",
    ])
  })

  it("measures against another of Snakepit's contestants where the scenario names one", () => {
    const launched = result({ "snakepit-fork": [1], "snakepit-spawn": [20] })
    expect(pairs([launched])).toEqual([])
    expect(pairs([{ ...launched, reference: "snakepit-spawn" }])).toEqual(["snakepit-fork ÷ snakepit-spawn"])
  })

  it("divides no metric that stands alone", () => {
    const slopes: ScenarioResult = {
      ...result({ "snakepit-json": [0.1], "raw-pipe": [0.01] }),
      metrics: [{ name: "rate", unit: "MB", better: "lower", alone: true }],
    }
    expect(pairs([slopes])).toEqual([])
  })
})

describe("ratio", () => {
  const rounds = (rates: readonly number[]) => rates.map((rate) => ({ rate }))

  it("divides round by round, so that what slows a whole round does not count", () => {
    const value = ratio(rounds([1, 10, 3]), rounds([2, 20, 3]), "rate")
    expect(value).toEqual({ min: 0.5, median: 0.5, max: 1 })
  })

  it("says nothing where a round lacks one of the numbers, or there is none to divide by", () => {
    expect(ratio(rounds([1, 2]), rounds([1]), "rate")).toBeUndefined()
    expect(ratio(rounds([1]), rounds([1]), "p50")).toBeUndefined()
    expect(ratio(rounds([1]), rounds([0]), "rate")).toBeUndefined()
    expect(ratio([], [], "rate")).toBeUndefined()
  })
})

describe("summarize", () => {
  it("leaves a metric out that some round could not measure", () => {
    expect(summarize([{ rate: 1, hostCpu: 2 }, { rate: 3 }], metrics)).toEqual({
      rate: { min: 1, median: 2, max: 3 },
    })
  })
})
