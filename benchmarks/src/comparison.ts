import type { ContestantResult, ScenarioResult } from "./runner.js"
import type { Metric } from "./scenario.js"
import { ratio, type Spread, undecided } from "./statistics.js"
import { type Target, targets } from "./targets.js"

export type Verdict = "met" | "missed" | "better" | "worse" | "undecided"

/** Snakepit beside somebody else, in one metric of one scenario. */
export interface Comparison {
  readonly scenario: string
  readonly metric: string
  readonly subject: string
  readonly baseline: string
  /** The subject's number divided by the baseline's; `min` and `max` are what the rounds' spreads allow. */
  readonly ratio: Spread
  readonly atLeast?: number
  readonly atMost?: number
  readonly verdict: Verdict
}

const isSubject = ({ name }: ContestantResult): boolean => name.startsWith("snakepit-")

/** The transport that needs nothing installed; the others of Snakepit are measured against it too. */
const reference = "snakepit-json"

/** Every Snakepit contestant beside every other contestant of the same scenario. */
export function compareAll(
  results: readonly ScenarioResult[],
  aims: readonly Target[] = targets,
): readonly Comparison[] {
  return results.flatMap((result) =>
    result.metrics
      .filter(({ better }) => better !== undefined)
      .flatMap((metric) => compare(result, metric, aims)),
  )
}

function compare(result: ScenarioResult, metric: Metric, aims: readonly Target[]): readonly Comparison[] {
  const baselines = result.contestants.filter((each) => !isSubject(each) || each.name === reference)
  return result.contestants.filter(isSubject).flatMap((subject) =>
    baselines.flatMap((baseline) => {
      const a = subject.summary[metric.name]
      const b = baseline.summary[metric.name]
      if (a === undefined || b === undefined || subject === baseline) return []
      const names = {
        scenario: result.name,
        metric: metric.name,
        subject: subject.name,
        baseline: baseline.name,
      }
      const target = aims.find((aim) => isFor(aim, names))
      const value = ratio(a, b)
      return [{ ...names, ratio: value, ...boundsOf(target), verdict: judge(value, metric, target) }]
    }),
  )
}

type Names = Pick<Comparison, "scenario" | "metric" | "subject" | "baseline">

const isFor = (aim: Target, names: Names): boolean =>
  aim.scenario === names.scenario &&
  aim.metric === names.metric &&
  aim.subject === names.subject &&
  aim.baseline === names.baseline

function boundsOf(target: Target | undefined): Pick<Comparison, "atLeast" | "atMost"> {
  if (target?.atLeast !== undefined) return { atLeast: target.atLeast }
  return target?.atMost !== undefined ? { atMost: target.atMost } : {}
}

function judge(value: Spread, metric: Metric, target: Target | undefined): Verdict {
  const threshold = target?.atLeast ?? target?.atMost ?? 1
  if (undecided(value, threshold)) return "undecided"
  if (target === undefined) return value.median > 1 === (metric.better === "higher") ? "better" : "worse"
  const met = target.atLeast !== undefined ? value.median >= threshold : value.median <= threshold
  return met ? "met" : "missed"
}
