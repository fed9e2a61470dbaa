import type { ScenarioResult } from "../runner.js"

/** One contestant's number in one metric, as the plots show it. */
export interface Mark {
  readonly contestant: string
  readonly kind: "Snakepit" | "floor" | "peer"
  readonly metric: string
  /** What the number is drawn over; 0 where there is nothing such. */
  readonly at: number
  readonly median: number
  readonly min: number
  readonly max: number
}

/** The marks of a scenario in some of its metrics, in the order of its contestants. */
export function marksOf(result: ScenarioResult, metrics: readonly string[], at = 0): readonly Mark[] {
  return result.contestants.flatMap(({ name, summary }) =>
    metrics.flatMap((metric) => {
      const spread = summary[metric]
      return spread === undefined ? [] : [{ contestant: name, kind: kindOf(name), metric, at, ...spread }]
    }),
  )
}

function kindOf(contestant: string): Mark["kind"] {
  if (contestant.startsWith("snakepit-")) return "Snakepit"
  return contestant === "raw-pipe" ? "floor" : "peer"
}
