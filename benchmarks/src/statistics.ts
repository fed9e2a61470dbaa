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

/** How much the second numbers grow when the first grow by one: the line of least squares through the points. */
export function slope(points: readonly (readonly [number, number])[]): number {
  const middle = mean(points.map(([x]) => x))
  // Without the first one's height, numbers that are all the same have a slope of exactly zero.
  const ground = points[0]?.[1] ?? 0
  const products = points.map(([x, y]) => (x - middle) * (y - ground))
  return total(products) / total(points.map(([x]) => (x - middle) ** 2))
}

const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0)
const mean = (values: readonly number[]): number => total(values) / values.length

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
