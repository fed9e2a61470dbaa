export interface Spread {
  readonly min: number
  readonly median: number
  readonly max: number
}

/** The value below which the fraction `p` (0 to 1) of `values` lies, interpolated. @throws Error for no values. */
export function percentile(values: readonly number[], p: number): number {
  if (values.length === 0) throw new Error("no values to summarise")
  const sorted = Float64Array.from(values).sort()
  const position = p * (sorted.length - 1)
  const below = sorted[Math.floor(position)] ?? 0
  const above = sorted[Math.ceil(position)] ?? 0
  return below + (above - below) * (position - Math.floor(position))
}

export const median = (values: readonly number[]): number => percentile(values, 0.5)

/** @throws Error for no values. */
export function spread(values: readonly number[]): Spread {
  return { min: percentile(values, 0), median: median(values), max: percentile(values, 1) }
}

/** One spread divided by another: the ratio of the medians, and the furthest apart the ratio can have been. */
export function ratio(a: Spread, b: Spread): Spread {
  return { min: a.min / b.max, median: a.median / b.median, max: a.max / b.min }
}

/** Whether `threshold` may lie on either side: within the spread, and less than 2× from the median. */
export function undecided(value: Spread, threshold: number): boolean {
  const factor = value.median / threshold
  return factor > 0.5 && factor < 2 && value.min <= threshold && threshold <= value.max
}

/** The list begun at another place, so that in the end each element was first as often as any other. */
export function rotated<T>(list: readonly T[], by: number): readonly T[] {
  const start = by % Math.max(1, list.length)
  return [...list.slice(start), ...list.slice(0, start)]
}
