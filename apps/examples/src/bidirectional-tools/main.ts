import assert from "node:assert/strict"
import { Snakepit } from "@snakepit/core"
import { python } from "@snakepit/python-bridge"
import { grpc } from "@snakepit/transport-grpc"
import { json } from "@snakepit/transport-json"
import { msgpack } from "@snakepit/transport-msgpack"
import { Schema } from "effect"
import { readAirports, readRoutes } from "./tables.js"

const cwd = new URL("../../src/bidirectional-tools", import.meta.url)
const airports = readAirports()
const routes = readRoutes()

await using pit = await Snakepit.start({
  adapter: python({ adapter: "./travel.py:Travel", cwd }),
  transports: [msgpack(), json(), grpc()],
  pool: { size: 1 },
})

// With a schema (of Effect here; Zod, Valibot and ArkType do as well) the arguments are checked, and typed.
const code = Schema.toStandardSchemaV1(Schema.Struct({ code: Schema.String }))
pit.tools.register("airport", ({ code }) => find(code), { schema: code, description: "Where it lies" })

// A generator is a stream for Python, which takes as much of it as it wants.
const from = Schema.toStandardSchemaV1(Schema.Struct({ origin: Schema.String }))
pit.tools.register("routes", routesFrom, { schema: from })

// A host tool may call Python in turn. The pool has one worker, and that one is waiting: it serves this meanwhile.
pit.tools.register(
  "farthest_of",
  async ({ origin }, python) => {
    let farthest = { destination: "", distance: 0 }
    for (const { destination } of routesFrom({ origin })) {
      const distance = await python.execute<number>("distance", { origin, destination })
      if (distance > farthest.distance) farthest = { destination, distance }
    }
    return farthest
  },
  { schema: from },
)

const direct = await pit.execute<number>("distance", { origin: "JFK", destination: "SEA" })
console.log(`New York to Seattle: ${direct.toFixed(0)} km`)
// 2,422 miles by the book; the earth is no perfect sphere.
assert(Math.abs(direct / (2422 * 1.609344) - 1) < 0.005)

const detour = await pit.execute<number>("journey", { stops: ["JFK", "DEN", "SEA"] })
console.log(`… by way of Denver: ${detour.toFixed(0)} km`)
assert(detour > direct)

const destinations = await pit.execute<[string, number][]>("destinations", { origin: "SEA", count: 3 })
for (const [code, count] of destinations) console.log(`${count} flights from Seattle to ${find(code).name}`)
const busiest = routes.filter(({ origin }) => origin === "SEA").sort((a, b) => b.count - a.count)
assert.deepEqual(
  destinations,
  busiest.slice(0, 3).map(({ destination, count }) => [destination, count]),
)

const farthest = await pit.execute<{ destination: string; distance: number }>("farthest", { origin: "SEA" })
console.log(`The farthest one: ${find(farthest.destination).name}, ${farthest.distance.toFixed(0)} km`)

// Tools of a session are for its own calls, and end with it.
await using traveller = pit.session()
traveller.tools.register("home", () => "JFK")
assert.equal((await traveller.execute<number>("way_home", { origin: "SEA" })).toFixed(6), direct.toFixed(6))
await assert.rejects(pit.execute("way_home", { origin: "SEA" }), /this session has no home/)

const mistake = await pit.execute<string>("mistaken")
console.log(mistake)
assert.match(mistake, /^InvalidParameter: airport: code: /)

function find(code: string) {
  const airport = airports.get(code)
  if (airport === undefined) throw new RangeError(`no airport ${code}`)
  return airport
}

function* routesFrom({ origin }: { readonly origin: string }) {
  for (const route of routes) if (route.origin === origin) yield route
}
