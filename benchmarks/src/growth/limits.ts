import { type Held, hold, ratio } from "../comparison.js"
import type { Measurement } from "../scenario.js"
import type { Spread } from "../statistics.js"
import type { Limit } from "./dimension.js"

/** What one transport did at one point. */
export interface PointResult {
  readonly line: string
  readonly at: number
  /** What each round measured, in the order of the rounds. */
  readonly rounds: readonly Measurement[]
  readonly summary: Readonly<Record<string, Spread>>
}

/** A limit beside what was measured. */
export interface Judgement extends Limit {
  readonly line: string
  /** Of the point with the limit to the other. */
  readonly ratio: Spread
  readonly verdict: Held
}

/** Every limit for every transport that was measured at both of its points. */
export function judge(limits: readonly Limit[], points: readonly PointResult[]): readonly Judgement[] {
  const lines = [...new Set(points.map(({ line }) => line))]
  return lines.flatMap((line) =>
    limits.flatMap((limit) => {
      const roundsAt = (at: number) =>
        points.find((each) => each.line === line && each.at === at)?.rounds ?? []
      const value = ratio(roundsAt(limit.at), roundsAt(limit.from), limit.metric)
      return value === undefined ? [] : [{ ...limit, line, ratio: value, verdict: hold(value, limit) }]
    }),
  )
}
