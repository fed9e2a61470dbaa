import type { Bounds, Comparison } from "../comparison.js"
import type { Pace, ScenarioResult } from "../runner.js"
import type { Spread } from "../statistics.js"

/** What a table holds, however it is drawn. */
export interface Table {
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/** What a cell shows that has no number. */
export const nothing = "–"

/** Three significant digits, with separators from a thousand up: 0.0123, 4.56, 78.9, 1,230. */
export function number(value: number): string {
  return new Intl.NumberFormat("en-US", { maximumSignificantDigits: 3 }).format(value)
}

export const range = ({ min, max }: Spread): string => `${number(min)}–${number(max)}`

/** What a scenario does; and how many rounds it had, when they were fewer than the run's. */
export function headingOf({ title, contestants }: ScenarioResult, { rounds }: Pace): string {
  const own = contestants[0]?.rounds.length ?? rounds
  return own < rounds ? `${title}; ${own} rounds` : title
}

/** A scenario's medians, with ranges for what is compared: a row for each contestant. */
export function numbersTable({
  metrics,
  contestants,
}: Pick<ScenarioResult, "metrics" | "contestants">): Table {
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

export function boundText({ atLeast, atMost }: Bounds): string | undefined {
  if (atLeast !== undefined) return `≥ ${number(atLeast)}`
  return atMost === undefined ? undefined : `≤ ${number(atMost)}`
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
