import type { Bounds } from "../comparison.js"
import type { SnakepitContestant } from "../contestants/snakepit.js"
import type { Entry, Metric } from "../scenario.js"

/** One thing that grows while everything else stays as it is. */
export interface Dimension {
  readonly name: string
  readonly title: string
  /** What is counted by `points`. */
  readonly axis: string
  /** From the smallest to the largest. */
  readonly points: readonly number[]
  /** A point as people read it. Default: its digits, with separators. */
  readonly label?: (at: number) => string
  /** What growth is to be expected, and why. */
  readonly expected: string
  readonly metrics: readonly Metric[]
  /** What its picture shows, from left to right. */
  readonly panels: readonly Panel[]
  readonly limits: readonly Limit[]
  /** A pool over this transport, ready to be measured at one point. */
  prepare(line: SnakepitContestant, at: number, python: string): Promise<Entry>
}

/** Metrics of one unit, drawn over the points. */
export interface Panel {
  readonly metrics: readonly string[]
  /** What its axis says. */
  readonly title: string
  /** Whether equal steps stand for equal ratios; else the axis begins at zero. */
  readonly log: boolean
}

/** How far a metric may move from one point to another: the number at `at` divided by that at `from`. */
export interface Limit extends Bounds {
  readonly metric: string
  readonly at: number
  readonly from: number
}

const separated = new Intl.NumberFormat("en-US")

/** A point of a dimension, as people read it. */
export const labelOf = ({ label }: Pick<Dimension, "label">, at: number): string =>
  label === undefined ? separated.format(at) : label(at)
