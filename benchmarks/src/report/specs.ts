import type { TopLevelSpec } from "vega-lite"
import type { Mark } from "./marks.js"

const kinds = ["Snakepit", "floor", "peer"]
const kindColor = {
  field: "kind",
  type: "nominal",
  title: null,
  scale: { domain: kinds, range: ["#2f6fb3", "#7f7f7f", "#e0a030"] },
} as const

/** What a plot shows, and what its axis says. */
export interface Caption {
  readonly title: string
  readonly unit: string
}

/** What every plot has. White keeps it readable on a dark page. */
export const background = (title: string) =>
  ({
    background: "white",
    padding: 12,
    title: { text: title, anchor: "start", offset: 12 },
    config: { view: { stroke: null }, font: "Helvetica, Arial, sans-serif" },
  }) as const

/** What the plots share that have a single panel. */
const frame = (title: string) => ({ width: 560, ...background(title) }) as const

const contestantAxis = {
  field: "contestant",
  type: "nominal",
  // As they come: Snakepit first.
  sort: null,
  axis: { title: null, domain: false, ticks: false, labelFontSize: 12, labelLimit: 200 },
} as const

const label = { field: "median", type: "quantitative", format: ",.3~s" } as const

/** A bar for each contestant: the median with its number, and a line over the range of the rounds. */
export function bars(marks: readonly Mark[], { title, unit }: Caption): TopLevelSpec {
  const x = { field: "median", type: "quantitative", title: unit, axis: { format: "~s" } } as const
  return {
    ...frame(title),
    data: { values: [...marks] },
    height: { step: 28 },
    encoding: { y: contestantAxis },
    layer: [
      { mark: { type: "bar", height: 18 }, encoding: { x, color: kindColor } },
      { mark: "rule", encoding: { x: { field: "min", type: "quantitative" }, x2: { field: "max" } } },
      {
        mark: { type: "text", align: "left", dx: 6 },
        encoding: { x: { field: "max", type: "quantitative" }, text: label },
      },
    ],
  }
}

/** Several metrics of each contestant on one logarithmic axis: a shape for each, and its range as a line. */
export function ranges(marks: readonly Mark[], { title, unit }: Caption): TopLevelSpec {
  const scale = { type: "log" } as const
  return {
    ...frame(title),
    data: { values: [...marks] },
    height: { step: 28 },
    encoding: { y: contestantAxis, color: kindColor },
    layer: [
      {
        mark: "rule",
        encoding: { x: { field: "min", type: "quantitative", scale }, x2: { field: "max" } },
      },
      {
        mark: { type: "point", filled: true, size: 90, opacity: 1 },
        encoding: {
          x: { field: "median", type: "quantitative", scale, title: unit, axis: { format: "~s" } },
          shape: { field: "metric", type: "nominal", title: null, sort: null },
        },
      },
    ],
  }
}

/** A line for each contestant on two logarithmic axes; everybody but Snakepit is dashed. */
export function curves(marks: readonly Mark[], { title, unit }: Caption): TopLevelSpec {
  const log = { type: "quantitative", scale: { type: "log", nice: false } } as const
  const bytesText = "datum.value < 1e6 ? datum.value / 1e3 + ' KB' : datum.value / 1e6 + ' MB'"
  return {
    ...frame(title),
    data: { values: [...marks] },
    height: 340,
    mark: { type: "line", point: { size: 45 } },
    encoding: {
      x: {
        field: "at",
        ...log,
        title: "payload",
        axis: { values: [...new Set(marks.map(({ at }) => at))], labelExpr: bytesText },
      },
      y: { field: "median", ...log, title: unit, axis: { format: ",.3~r" } },
      color: { field: "contestant", type: "nominal", title: null, sort: null },
      strokeDash: {
        field: "kind",
        type: "nominal",
        legend: null,
        scale: { domain: kinds, range: [[], [2, 2], [6, 3]] },
      },
    },
  }
}
