import type { Comparison } from "./comparison.js"
import type { ScenarioResult } from "./runner.js"
import type { Spread } from "./statistics.js"
import { number, table } from "./table.js"

/** What a person reads: the numbers of each scenario, then the ratios with their targets. */
export function report(results: readonly ScenarioResult[], comparisons: readonly Comparison[]): string {
  const aimed = comparisons.filter((each) => bound(each) !== "")
  const others = comparisons.filter((each) => bound(each) === "")
  const parts = [...results.map(numbers), ratios("targets", aimed), ratios("other ratios", others), legend]
  return parts.filter((part) => part !== "").join("\n\n")
}

function numbers(result: ScenarioResult): string {
  const head = ["", ...result.metrics.map(({ name, unit }) => `${name} ${unit}`)]
  const rows = result.contestants.map(({ name, summary }) => [
    name,
    ...result.metrics.map((metric) => cell(summary[metric.name], metric.better !== undefined)),
  ])
  return `${result.name}: ${result.title}\n${table(head, rows)}`
}

function cell(value: Spread | undefined, withRange: boolean): string {
  if (value === undefined) return "–"
  return withRange ? `${number(value.median)} (${range(value)})` : number(value.median)
}

const range = ({ min, max }: Spread): string => `${number(min)}–${number(max)}`

function ratios(title: string, comparisons: readonly Comparison[]): string {
  if (comparisons.length === 0) return ""
  const rows = comparisons.map((each) => [
    `${each.scenario} ${each.metric}: ${each.subject} ÷ ${each.baseline}`,
    number(each.ratio.median),
    range(each.ratio),
    bound(each),
    each.verdict,
  ])
  return table([title, "median", "range", "target", "verdict"], rows)
}

function bound({ atLeast, atMost }: Comparison): string {
  if (atLeast !== undefined) return `≥ ${atLeast}`
  return atMost !== undefined ? `≤ ${atMost}` : ""
}

const legend =
  "Medians of the rounds, with the lowest and highest round. undecided: less than 2× from the target\n" +
  "(or from each other, without one), and the rounds' spreads allow either answer."
