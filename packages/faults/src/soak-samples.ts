import type { Snakepit } from "@snakepit/core"
import { descriptorNumbersOf, memoryOf } from "./processes.js"
import { steady } from "./soak-load.js"

/** What is watched over time; those of workers are means of the pool whose workers live on. */
export const gauges = ["host MiB", "host descriptors", "worker MiB", "worker descriptors"] as const
export type Gauge = (typeof gauges)[number]

export interface Sample extends Readonly<Record<Gauge, number>> {
  readonly minutes: number
}

/**
 * What counts as growth: faster than `perHour`, and more than `atLeast` over all that was watched. The second keeps
 * short soaks from judging what settles by itself, such as the heaps of Node and Python.
 */
export const bounds: Readonly<Record<Gauge, { readonly perHour: number; readonly atLeast: number }>> = {
  "host MiB": { perHour: 64, atLeast: 32 },
  "host descriptors": { perHour: 12, atLeast: 6 },
  "worker MiB": { perHour: 16, atLeast: 8 },
  "worker descriptors": { perHour: 6, atLeast: 3 },
}

/** The first part of a soak does not count: pools, caches and heaps find their size. */
const warmUp = 0.2

const mebibyte = 2 ** 20

export function takeSample(pit: Snakepit, minutes: number): Sample {
  // There when Node runs with --expose-gc: what could be collected is no growth.
  globalThis.gc?.()
  const workers = pit.workers().flatMap(({ pool, pid }) => (pool === steady && pid !== null ? [pid] : []))
  const mean = (of: (pid: number) => number): number =>
    workers.reduce((sum, pid) => sum + of(pid), 0) / Math.max(1, workers.length)
  return {
    minutes,
    "host MiB": process.memoryUsage.rss() / mebibyte,
    "host descriptors": descriptorNumbersOf(process.pid).length,
    "worker MiB": mean(memoryOf) / mebibyte,
    "worker descriptors": mean((pid) => descriptorNumbersOf(pid).length),
  }
}

export interface Trend {
  readonly gauge: Gauge
  readonly first: number
  readonly last: number
  readonly perHour: number
  readonly grows: boolean
}

/** The slopes after the warm-up, by least squares. */
export function trends(samples: readonly Sample[]): Trend[] {
  const counted = samples.slice(Math.floor(samples.length * warmUp))
  return gauges.map((gauge) => {
    const perHour = slope(counted.map((sample) => [sample.minutes / 60, sample[gauge]]))
    const hours = ((counted.at(-1)?.minutes ?? 0) - (counted[0]?.minutes ?? 0)) / 60
    const bound = bounds[gauge]
    const grows = perHour > bound.perHour && perHour * hours > bound.atLeast
    return { gauge, first: counted[0]?.[gauge] ?? 0, last: counted.at(-1)?.[gauge] ?? 0, perHour, grows }
  })
}

function slope(points: readonly (readonly [number, number])[]): number {
  const mean = (axis: 0 | 1): number => points.reduce((sum, point) => sum + point[axis], 0) / points.length
  const [x, y] = [mean(0), mean(1)]
  const square = points.reduce((sum, point) => sum + (point[0] - x) ** 2, 0)
  const product = points.reduce((sum, point) => sum + (point[0] - x) * (point[1] - y), 0)
  return square === 0 ? 0 : product / square
}
