import { readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

/** The real tables that the npm package vega-datasets carries. */
const folder = fileURLToPath(new URL("../data", import.meta.resolve("vega-datasets")))

/** 200,000 flights of the year 2001, as `{ delay, distance, time }`: minutes, miles, hour of the day. */
export const flightsTable = join(folder, "flights-200k.json")

/** How many flights went from where to where, as CSV: `origin,destination,count`. */
export const routesTable = join(folder, "flights-airport.csv")

const airportsTable = join(folder, "airports.csv")

export interface Flight {
  readonly delay: number
  readonly distance: number
  readonly time: number
}

export function readFlights(): Flight[] {
  return JSON.parse(readFileSync(flightsTable, "utf8"))
}

/** Each line's fields. */
function readCsv(file: string): string[][] {
  const [, ...lines] = readFileSync(file, "utf8").trimEnd().split("\n")
  return lines.map((line) => line.split(","))
}

export function readRoutes(): { origin: string; count: number }[] {
  return readCsv(routesTable).map(([origin = "", , count]) => ({ origin, count: Number(count) }))
}

/** Code → name: `ATL` → `William B Hartsfield-Atlanta Intl`. */
export function readAirports(): Map<string, string> {
  return new Map(readCsv(airportsTable).map(([code = "", name = ""]) => [code, name]))
}
