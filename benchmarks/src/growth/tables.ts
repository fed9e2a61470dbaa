import { boundText, number, numbersTable, range, type Table } from "../report/tables.js"
import type { DimensionResult } from "./measure.js"

/** A row for each transport and point. */
export function pointsTable({ metrics, points, labels, axis }: DimensionResult): Table {
  const contestants = points.map((point) => ({ ...point, name: `${point.line}, ${labels[point.at]}` }))
  const { head, rows } = numbersTable({ metrics, contestants })
  return { head: [axis, ...head.slice(1)], rows }
}

/** A row for each limit and transport. */
export function limitsTable({ judgements, labels }: DimensionResult): Table {
  return {
    head: ["limits", "median", "range", "limit", "verdict"],
    rows: judgements.map((each) => [
      `${each.line}: ${each.metric} at ${labels[each.at]} ÷ at ${labels[each.from]}`,
      number(each.ratio.median),
      range(each.ratio),
      boundText(each) ?? "",
      each.verdict,
    ]),
  }
}
