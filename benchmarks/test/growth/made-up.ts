import type { Dimension } from "../../src/growth/dimension.js"
import { judge, type PointResult } from "../../src/growth/limits.js"
import type { DimensionResult, GrowthResults } from "../../src/growth/measure.js"
import { summarize } from "../../src/runner.js"
import { run } from "../made-up.js"

const metrics = [{ name: "cost", unit: "µs/call", better: "lower" }] as const

/** A point at which every round measured what it is given here. */
export function point(at: number, costs: readonly number[], line = "snakepit-json"): PointResult {
  const rounds = costs.map((cost) => ({ cost }))
  return { line, at, rounds, summary: summarize(rounds, metrics) }
}

/** A dimension that was measured at these points. */
export function grown(points: readonly PointResult[], more: Partial<Dimension> = {}): DimensionResult {
  const { limits = [], panels = [{ metrics: ["cost"], title: "µs", log: false }] } = more
  return {
    name: "queue",
    title: "a longer queue",
    axis: "calls waiting",
    expected: "Flat: nobody looks at those who wait.",
    metrics,
    panels,
    labels: { 0: "none", 100: "100", 1000: "1,000" },
    points,
    judgements: judge(limits, points),
  }
}

/** A whole run with these dimensions. */
export function growthRun(dimensions: readonly DimensionResult[]): GrowthResults {
  const { date, machine, versions, quick, pace, absent } = run([])
  return { date, machine, versions, quick, pace, absent, dimensions }
}
