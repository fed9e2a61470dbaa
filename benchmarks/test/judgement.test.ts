import { describe, expect, it } from "vitest"
import { judgeAll } from "../src/judgement.js"
import { scenarios } from "../src/scenarios/index.js"
import { goals } from "../src/targets.js"
import { result } from "./made-up.js"

const names = { scenario: "throughput", metric: "rate", subject: "snakepit-json" }
const half = { ...names, baseline: "raw-pipe", atLeast: 0.5 }
const verdictOf = (rounds: readonly number[], target: object) => {
  const results = [result({ "snakepit-json": rounds, "raw-pipe": [100] })]
  const [goal] = judgeAll([{ name: "made up", targets: [{ ...names, ...target }] }], results)
  return goal?.judged[0]?.verdict
}

describe("judgeAll", () => {
  it.each([
    { rounds: [90, 100, 110], verdict: "met" },
    { rounds: [30, 40, 45], verdict: "missed" },
    { rounds: [45, 60, 70], verdict: "undecided" },
  ])("judges $rounds against half of 100 as $verdict", ({ rounds, verdict }) => {
    expect(verdictOf(rounds, half)).toBe(verdict)
  })

  it.each([
    { rounds: [240, 245, 249], verdict: "met" },
    { rounds: [240, 245, 260], verdict: "undecided" },
    { rounds: [100, 510, 900], verdict: "missed" },
    { rounds: [-30, -1, 2], verdict: "met" },
  ])("judges $rounds against at most 250 ms, beside nobody, as $verdict", ({ rounds, verdict }) => {
    expect(verdictOf(rounds, { atMost: 250, unit: "ms" })).toBe(verdict)
  })

  it("puts the target that is furthest from being met first", () => {
    const results = [
      result({ "snakepit-json": [60], "snakepit-grpc": [20], "snakepit-msgpack": [10], "raw-pipe": [100] }),
    ]
    const targets = ["snakepit-json", "snakepit-grpc", "snakepit-msgpack"].map((subject) => ({
      ...half,
      subject,
    }))
    const [goal] = judgeAll([{ name: "made up", targets }], results)
    expect(goal?.judged.map(({ subject, verdict }) => `${subject} ${verdict}`)).toEqual([
      "snakepit-msgpack missed",
      "snakepit-grpc missed",
      "snakepit-json met",
    ])
  })

  it("keeps apart what was not measured", () => {
    const other = { ...half, baseline: "pythonia" }
    const results = [result({ "snakepit-json": [60], "raw-pipe": [100] })]
    expect(judgeAll([{ name: "made up", targets: [half, other] }], results)).toMatchObject([
      { judged: [half], unmeasured: [other] },
    ])
    expect(judgeAll([{ name: "made up", targets: [half] }], [])).toMatchObject([{ unmeasured: [half] }])
  })
})

describe("targets", () => {
  const targets = goals.flatMap((goal) => goal.targets)

  it.each(targets)("$scenario $metric: $subject beside $baseline is measured", (target) => {
    const scenario = scenarios.find(({ name }) => name === target.scenario)
    const metric = scenario?.metrics.find(({ name }) => name === target.metric)
    expect(metric?.better).toBe(target.atLeast === undefined ? "lower" : "higher")
    if (target.baseline === undefined) expect(metric?.unit).toBe(target.unit)
    const contestants = scenario?.contestants.flatMap(({ name, instead }) => [name, instead?.name])
    expect(contestants).toContain(target.subject)
    if (target.baseline !== undefined) expect(contestants).toContain(target.baseline)
  })

  it("each have one bound", () => {
    for (const { atLeast, atMost } of targets) expect([atLeast, atMost]).toContain(undefined)
    for (const { atLeast, atMost } of targets) expect(atLeast ?? atMost).toBeGreaterThan(0)
  })
})
