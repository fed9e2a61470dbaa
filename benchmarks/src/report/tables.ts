import type { Comparison } from "../comparison.js"
import type { ScenarioResult } from "../runner.js"
import type { Spread } from "../statistics.js"

/** What a table holds, however it is drawn. */
export interface Table {
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

const nothing = "–"

/** Three significant digits, with separators from a thousand up: 0.0123, 4.56, 78.9, 1,230. */
export function number(value: number): string {
  return new Intl.NumberFormat("en-US", { maximumSignificantDigits: 3 }).format(value)
}

const range = ({ min, max }: Spread): string => `${number(min)}–${number(max)}`

/** A scenario's medians, with ranges for what is compared: a row for each contestant. */
export function numbersTable({ metrics, contestants }: ScenarioResult): Table {
  const cell = (value: Spread | undefined, withRange: boolean): string => {
    if (value === undefined) return nothing
    return withRange ? `${number(value.median)} (${range(value)})` : number(value.median)
  }
  return {
    head: ["", ...metrics.map(({ name, unit }) => `${name} ${unit}`)],
    rows: contestants.map(({ name, summary }) => [
      name,
      ...metrics.map((metric) => cell(summary[metric.name], metric.better !== undefined)),
    ]),
  }
}

/** The ratios that have a target. */
export function targetsTable(comparisons: readonly Comparison[]): Table {
  const rows = comparisons.flatMap((each) => {
    const bound = boundText(each)
    if (bound === undefined) return []
    const name = `${each.scenario} ${each.metric}: ${each.subject} ÷ ${each.baseline}`
    return [[name, number(each.ratio.median), range(each.ratio), bound, each.verdict]]
  })
  return { head: ["targets", "median", "range", "target", "verdict"], rows }
}

function boundText({ atLeast, atMost }: Comparison): string | undefined {
  if (atLeast !== undefined) return `≥ ${atLeast}`
  return atMost === undefined ? undefined : `≤ ${atMost}`
}

/** Every ratio: a column for each subject, a row for each metric and baseline. */
export function ratiosTable(comparisons: readonly Comparison[]): Table {
  const subjects = [...new Set(comparisons.map(({ subject }) => subject))]
  const names = [...new Set(comparisons.map(rowName))]
  return {
    head: ["every ratio", ...subjects],
    rows: names.map((name) => [
      name,
      ...subjects.map((subject) => {
        const found = comparisons.find((each) => each.subject === subject && rowName(each) === name)
        return found === undefined ? nothing : `${number(found.ratio.median)} ${found.verdict}`
      }),
    ]),
  }
}

const rowName = ({ scenario, metric, baseline }: Comparison): string => `${scenario} ${metric} ÷ ${baseline}`
