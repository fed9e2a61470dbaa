import { type Held, hold, ratio } from "./comparison.js"
import type { ScenarioResult } from "./runner.js"
import type { Spread } from "./statistics.js"
import type { Goal, Target } from "./targets.js"

/** A target, and what the run says of it. */
export interface Judged extends Target {
  /** The ratio; without a baseline the number itself. */
  readonly value: Spread
  readonly verdict: Held
}

export interface JudgedGoal {
  readonly name: string
  /** Those that were measured, the worst first. */
  readonly judged: readonly Judged[]
  /** Those of which the run can say nothing. */
  readonly unmeasured: readonly Target[]
}

/** What the results say of each goal. */
export function judgeAll(goals: readonly Goal[], results: readonly ScenarioResult[]): readonly JudgedGoal[] {
  return goals.map(({ name, targets }) => {
    const judgements = targets.map((target) => judge(target, results) ?? target)
    return {
      name,
      judged: judgements.filter(isJudged).sort(worstFirst),
      unmeasured: judgements.filter((each) => !isJudged(each)),
    }
  })
}

const isJudged = (each: Target | Judged): each is Judged => "verdict" in each

function judge(target: Target, results: readonly ScenarioResult[]): Judged | undefined {
  const contestants = results.find(({ name }) => name === target.scenario)?.contestants ?? []
  const subject = contestants.find(({ name }) => name === target.subject)
  const baseline = contestants.find(({ name }) => name === target.baseline)
  const value =
    target.baseline === undefined
      ? subject?.summary[target.metric]
      : ratio(subject?.rounds ?? [], baseline?.rounds ?? [], target.metric)
  return value && { ...target, value, verdict: hold(value, target) }
}

const severity: readonly Held[] = ["met", "undecided", "missed"]

const worstFirst = (a: Judged, b: Judged): number =>
  severity.indexOf(b.verdict) - severity.indexOf(a.verdict) || shortfall(b) - shortfall(a)

/** Above 1: the target is not reached. */
const shortfall = ({ value, atLeast, atMost = 1 }: Judged): number =>
  atLeast === undefined ? value.median / atMost : atLeast / value.median
