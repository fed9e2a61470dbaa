import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"

export interface Airport {
  readonly name: string
  readonly latitude: number
  readonly longitude: number
}

/** American airports by their code: `SEA` → Seattle-Tacoma Intl. */
export function readAirports(): ReadonlyMap<string, Airport> {
  return new Map(
    readCsv("airports.csv").map((fields) => {
      const [code = "", name = ""] = fields
      const [latitude, longitude] = fields.slice(-2).map(Number)
      return [code, { name, latitude: latitude ?? 0, longitude: longitude ?? 0 }]
    }),
  )
}

/** How many flights went from where to where. */
export function readRoutes(): { origin: string; destination: string; count: number }[] {
  return readCsv("flights-airport.csv").map(([origin = "", destination = "", count]) => ({
    origin,
    destination,
    count: Number(count),
  }))
}

/** A table of the npm package vega-datasets: each line's fields. */
function readCsv(name: string): string[][] {
  const file = fileURLToPath(new URL(`../data/${name}`, import.meta.resolve("vega-datasets")))
  const [, ...lines] = readFileSync(file, "utf8").trimEnd().split("\n")
  return lines.map((line) => line.split(","))
}
