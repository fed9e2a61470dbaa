import type { TopLevelSpec } from "vega-lite"
import type { Plot } from "../report/plots.js"
import { render } from "../report/render.js"
import { background } from "../report/specs.js"
import type { Panel } from "./dimension.js"
import type { DimensionResult } from "./measure.js"

/** The picture of a dimension: its panels side by side, a colour for each transport, a dash for each metric. */
export async function drawGrowth(result: DimensionResult): Promise<Plot> {
  const spec: TopLevelSpec = {
    ...background(result.title),
    hconcat: result.panels.map((panel) => panelSpec(result, panel)),
    resolve: { scale: { strokeDash: "independent" } },
  }
  return { file: `${result.name}.svg`, title: result.title, svg: await render(spec) }
}

const dashes = {
  title: null,
  orient: "bottom",
  symbolType: "stroke",
  symbolSize: 500,
  symbolStrokeColor: "black",
} as const

type PanelSpec = Extract<TopLevelSpec, { hconcat: unknown }>["hconcat"][number]

function panelSpec(result: DimensionResult, panel: Panel): PanelSpec {
  const values = valuesOf(result, panel)
  const y = { type: "quantitative", ...numbersAxis(values, panel) } as const
  return {
    width: 340,
    height: 260,
    data: { values },
    encoding: {
      x: pointsAxis(result),
      color: { field: "line", type: "nominal", title: null, sort: null },
    },
    layer: [
      {
        mark: "line",
        encoding: {
          y: { field: "median", ...y },
          strokeDash: {
            field: "metric",
            type: "nominal",
            sort: [...panel.metrics],
            legend: panel.metrics.length > 1 ? dashes : null,
          },
        },
      },
      {
        mark: { type: "point", filled: true, size: 45, opacity: 1 },
        encoding: { y: { field: "median", ...y } },
      },
      {
        mark: { type: "rule", opacity: 0.45 },
        encoding: { y: { field: "min", ...y }, y2: { field: "max" } },
      },
    ],
  }
}

interface Value {
  readonly line: string
  readonly at: number
  readonly metric: string
  readonly min: number
  readonly median: number
  readonly max: number
}

function valuesOf({ points }: DimensionResult, { metrics }: Panel): Value[] {
  return points.flatMap(({ line, at, summary }) =>
    metrics.flatMap((metric) => {
      const spread = summary[metric]
      return spread === undefined ? [] : [{ line, at, metric, ...spread }]
    }),
  )
}

/** Logarithmic; where nothing is a point too, the axis is linear close to it. */
function pointsAxis({ points, labels, axis }: DimensionResult) {
  const values = [...new Set(points.map(({ at }) => at))]
  const scale = values.includes(0)
    ? ({ type: "symlog", constant: 10 } as const)
    : ({ type: "log", nice: false } as const)
  const ticks = {
    values,
    labelExpr: `${JSON.stringify(labels)}[datum.value]`,
    labelOverlap: false,
    labelFlush: false,
  } as const
  return { field: "at", type: "quantitative", title: axis, scale, axis: ticks } as const
}

/** From zero to the highest round; on a logarithmic axis from one power of ten to another. */
function numbersAxis(shown: readonly Value[], { title, log }: Panel) {
  const highest = Math.max(...shown.map(({ max }) => max))
  if (!log) return { title, scale: { domain: [0, highest] }, axis: { format: "~s" } }
  const first = Math.floor(Math.log10(Math.min(...shown.map(({ min }) => min))))
  const last = Math.max(first + 1, Math.ceil(Math.log10(highest)))
  const values = Array.from({ length: last - first + 1 }, (_, i) => 10 ** (first + i))
  const domain = [10 ** first, 10 ** last]
  return { title, scale: { type: "log", domain } as const, axis: { values, format: ",~r" } }
}
