import type { Judged, JudgedGoal } from "../judgement.js"
import type { Target } from "../targets.js"
import { boundText, nothing, number, range, type Table } from "./tables.js"

/** A row for each goal: of several targets the one that is furthest from being met. */
export function goalsTable(goals: readonly JudgedGoal[]): Table {
  return {
    head: ["goal", "target", "median", "range", "verdict", "measured by"],
    rows: goals.map((goal, i) => {
      const name = goals[i - 1]?.name === goal.name ? "" : goal.name
      return [name, ...(goal.judged.length === 0 ? unmeasuredCells(goal) : measuredCells(goal))]
    }),
  }
}

function measuredCells({ judged }: JudgedGoal): readonly string[] {
  const [worst] = judged
  if (worst === undefined) return []
  const among = judged.length === 1 ? "" : `, the worst of ${judged.length}`
  return [...cells(worst), `${whatOf(worst)}${among}`]
}

function unmeasuredCells({ unmeasured }: JudgedGoal): readonly string[] {
  const [first] = unmeasured
  if (first === undefined) return []
  return [boundOf(first), nothing, nothing, "not measured", whatOf(first)]
}

/** Every target that was measured. */
export function targetsTable(goals: readonly JudgedGoal[]): Table {
  return {
    head: ["every target", "target", "median", "range", "verdict"],
    rows: goals.flatMap(({ judged }) => judged).map((each) => [whatOf(each), ...cells(each)]),
  }
}

const cells = (each: Judged): readonly string[] => [
  boundOf(each),
  number(each.value.median),
  range(each.value),
  each.verdict,
]

const whatOf = ({ scenario, metric, subject }: Target): string => `${scenario} ${metric}: ${subject}`

const boundOf = (target: Target): string =>
  `${boundText(target)} ${target.baseline === undefined ? target.unit : `× ${target.baseline}`}`
