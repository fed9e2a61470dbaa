import { readAirports, readFlights, readRoutes } from "./tables.js"

/** The same figures, worked out here in TypeScript: what Python says has to agree with them. */
const flights = readFlights()
const airports = readAirports()

export interface Delay {
  readonly flights: number
  readonly delay: number
}

export function delaysByHour(): Delay[] {
  return Array.from({ length: 24 }, (_, hour) => meanDelay(flightsOf(hour)))
}

export function delayBetween(shortest: number, longest: number): Delay {
  return meanDelay(flights.filter(({ distance }) => distance >= shortest && distance < longest))
}

export function percentile(hour: number, percent: number): number | undefined {
  const delays = flightsOf(hour)
    .map(({ delay }) => delay)
    .sort((a, b) => a - b)
  return delays[Math.floor(((delays.length - 1) * percent) / 100)]
}

export function busiest(count: number): { name: string | undefined; departures: number }[] {
  const departures = new Map<string, number>()
  for (const { origin, count } of readRoutes()) departures.set(origin, (departures.get(origin) ?? 0) + count)
  return [...departures]
    .sort(([, a], [, b]) => b - a)
    .slice(0, count)
    .map(([code, number]) => ({ name: airports.get(code), departures: number }))
}

function flightsOf(hour: number) {
  return flights.filter(({ time }) => Math.floor(time) === hour)
}

function meanDelay(some: readonly { readonly delay: number }[]): Delay {
  const sum = some.reduce((total, { delay }) => total + delay, 0)
  return { flights: some.length, delay: sum / some.length }
}
