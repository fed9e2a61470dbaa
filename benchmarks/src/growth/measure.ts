import type { SnakepitContestant } from "../contestants/snakepit.js"
import type { RunFacts } from "../results.js"
import { measureRounds, type RunOptions, summarize } from "../runner.js"
import { type Dimension, labelOf } from "./dimension.js"
import { type Judgement, judge, type PointResult } from "./limits.js"

/** How cost grew in one dimension; of the dimension, what a reader needs. */
export interface DimensionResult
  extends Pick<Dimension, "name" | "title" | "axis" | "expected" | "metrics" | "panels"> {
  /** The points as people read them. */
  readonly labels: Readonly<Record<number, string>>
  readonly points: readonly PointResult[]
  readonly judgements: readonly Judgement[]
}

/** Everything that a run found out about growth. */
export interface GrowthResults extends RunFacts {
  readonly dimensions: readonly DimensionResult[]
}

/** Measures every point over every transport in the same rounds. */
export async function measureDimension(
  dimension: Dimension,
  lines: readonly SnakepitContestant[],
  options: RunOptions,
): Promise<DimensionResult> {
  const { name, title, axis, expected, metrics, panels } = dimension
  const subjects = lines.flatMap((line) =>
    dimension.points.map((at) => ({ name: `${line.name} ${labelOf(dimension, at)}`, line, at })),
  )
  const prepare = ({ line, at }: (typeof subjects)[number]) => dimension.prepare(line, at, options.python)
  const rounds = await measureRounds({ name, title, metrics, subjects, prepare }, options)
  const points = [...rounds].map(([{ line, at }, measured]) => ({
    line: line.name,
    at,
    rounds: measured,
    summary: summarize(measured, metrics),
  }))
  const labels = Object.fromEntries(dimension.points.map((at) => [at, labelOf(dimension, at)]))
  const judgements = judge(dimension.limits, points)
  return { name, title, axis, expected, metrics, panels, labels, points, judgements }
}
