import type { ContestantResult, ScenarioResult } from "./runner.js"
import type { Measurement, Metric } from "./scenario.js"
import { type Spread, spread, undecided } from "./statistics.js"

/** Snakepit beside somebody else, in one metric of one scenario. */
export interface Comparison {
  readonly scenario: string
  readonly metric: string
  readonly subject: string
  readonly baseline: string
  /** The subject's number divided by the baseline's. */
  readonly ratio: Spread
  readonly verdict: "better" | "worse" | "undecided"
}

const isSubject = ({ name }: ContestantResult): boolean => name.startsWith("snakepit-")

/** The transport that needs nothing installed; the others of Snakepit are measured against it too. */
const usualReference = "snakepit-json"

/** Every Snakepit contestant beside every other contestant of the same scenario. */
export function compareAll(results: readonly ScenarioResult[]): readonly Comparison[] {
  return results.flatMap((result) =>
    result.metrics
      .filter(({ better, alone }) => better !== undefined && alone !== true)
      .flatMap((metric) => compare(result, metric)),
  )
}

function compare(result: ScenarioResult, metric: Metric): readonly Comparison[] {
  const { name: scenario, reference = usualReference, contestants } = result
  const baselines = contestants.filter((each) => !isSubject(each) || each.name === reference)
  return contestants.filter(isSubject).flatMap((subject) =>
    baselines.flatMap((baseline) => {
      const value = ratio(subject.rounds, baseline.rounds, metric.name)
      if (value === undefined || subject === baseline) return []
      const names = { scenario, metric: metric.name, subject: subject.name, baseline: baseline.name }
      return [{ ...names, ratio: value, verdict: judge(value, metric) }]
    }),
  )
}

/**
 * The ratios of the single rounds: whatever slows the machine for a while slows both.
 * @returns `undefined` unless every round measured both
 */
export function ratio(
  above: readonly Measurement[],
  below: readonly Measurement[],
  metric: string,
): Spread | undefined {
  const ratios = above.map((round, i) => (round[metric] ?? Number.NaN) / (below[i]?.[metric] ?? Number.NaN))
  return ratios.length > 0 && ratios.every(Number.isFinite) ? spread(ratios) : undefined
}

function judge(value: Spread, { better }: Metric): Comparison["verdict"] {
  if (undecided(value, 1)) return "undecided"
  return value.median > 1 === (better === "higher") ? "better" : "worse"
}

/** What a number is held to. */
export interface Bounds {
  readonly atLeast?: number
  readonly atMost?: number
}

export type Held = "met" | "missed" | "undecided"

/** Whether a number keeps to its bound. */
export function hold(value: Spread, { atLeast, atMost }: Bounds): Held {
  const threshold = atLeast ?? atMost ?? 1
  if (undecided(value, threshold)) return "undecided"
  const met = atLeast !== undefined ? value.median >= threshold : value.median <= threshold
  return met ? "met" : "missed"
}
