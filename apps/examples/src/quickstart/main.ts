import assert from "node:assert/strict"
import { fileURLToPath } from "node:url"
import { Snakepit, ToolError } from "@snakepit/core"
import { python } from "@snakepit/python-bridge"
import { grpc } from "@snakepit/transport-grpc"
import { json } from "@snakepit/transport-json"
import { msgpack } from "@snakepit/transport-msgpack"
import * as expected from "./expected.js"
import { nextLog } from "./next-log.js"
import * as show from "./show.js"
import { readAirports, routesTable as routes, flightsTable as table } from "./tables.js"

type Progress = { bytes: number; total: number; flights: number }
type Delay = { flights: number; delay: number }

const begun = performance.now()
await using pit = await Snakepit.start({
  adapter: python({
    adapter: "./flights.py:Flights",
    cwd: fileURLToPath(new URL("../../src/quickstart", import.meta.url)),
  }),
  // The first one that Python has what it needs for; SNAKEPIT_TRANSPORTS=grpc, say, chooses another one.
  transports: [msgpack(), json(), grpc()],
  pool: { size: 4 },
  logger: (record) => show.aside(`${record.workerId} logs: ${record.message}`),
})
const pids = pit.workers().map(({ pid }) => pid)
show.aside(
  `Four Python workers are ready after ${show.seconds(begun)}, over ${pit.workers()[0]?.transport}: pids ${pids.join(", ")}.`,
)

let chunks = 0
const served = new Map<string | null, number>()
pit.on("snakepit.request.executed", ({ metadata: { workerId } }) => {
  served.set(workerId, (served.get(workerId) ?? 0) + 1)
})

await show.step("A stream: Python reads 200,000 flights, and tells how far it is", stream)
await show.step("Eight calls at once, shared among the workers", parallelCalls)
await show.step("A session: what one call leaves in its worker, the next one finds", session)
await show.step("A callback: Python counts departures, TypeScript knows the names", callback)
await show.step("An error: nobody in this table flies 6,000 miles", pythonError)
await show.step("A cancelled stream: leaving the loop stops Python", cancelledStream)
summary()

async function stream(): Promise<void> {
  const progress = show.progressBar()
  let hours: Delay[] = []
  for await (const { data, isFinal } of pit.stream<Progress | Delay[]>("delays_by_hour", { table })) {
    chunks += 1
    if (isFinal) hours = data as Delay[]
    else progress(data as Progress)
  }
  show.line("Mean delay in minutes, by hour of departure:")
  for (let hour = 6; hour < 24; hour += 3) {
    const { delay = 0 } = hours[hour] ?? {}
    show.bar(`${hour}:00`, delay / 20, show.number(delay, 1))
  }
  assert.deepEqual(hours, expected.delaysByHour())
}

async function parallelCalls(): Promise<void> {
  const bounds = [0, 250, 500, 750, 1000, 1250, 1500, 2000, 5000]
  const bands = bounds.slice(1).map((longest, i) => ({ shortest: bounds[i] ?? 0, longest }))
  const delays = await Promise.all(
    bands.map((band) => pit.execute<Delay>("delay_between", { table, ...band })),
  )
  delays.forEach(({ delay, flights }, i) => {
    const miles = `${bounds[i]}–${bounds[i + 1]} miles`.padEnd(15)
    show.line(`${miles} ${show.number(delay, 1)} min late on average, ${show.number(flights)} flights`)
  })
  assert.deepEqual(
    delays,
    bands.map(({ shortest, longest }) => expected.delayBetween(shortest, longest)),
  )
}

async function session(): Promise<void> {
  const evening = pit.session("evening")
  const flights = await evening.execute<number>("select_hour", { table, hour: 18 })
  const [half, most] = [
    await evening.execute<number>("percentile", { percent: 50 }),
    await evening.execute<number>("percentile", { percent: 95 }),
  ]
  show.line(`${show.number(flights)} flights leave between 18:00 and 19:00.`)
  show.line(`Half of them are at most ${half} min late, 95 % at most ${most} min.`)
  const right = [
    expected.delaysByHour()[18]?.flights,
    expected.percentile(18, 50),
    expected.percentile(18, 95),
  ]
  assert.deepEqual([flights, half, most], right)
}

async function callback(): Promise<void> {
  const airports = readAirports()
  pit.tools.register("airport_name", ({ code }) => airports.get(String(code)))
  const busiest = await pit.execute<{ name: string; departures: number }[]>("busiest", { routes, count: 3 })
  for (const { name, departures } of busiest) show.line(`${show.number(departures)} from ${name}`)
  assert.deepEqual(busiest, expected.busiest(3))
}

async function pythonError(): Promise<void> {
  const failing = pit.execute("delay_between", { table, shortest: 6000, longest: 9000 })
  const error = await failing.catch((error: unknown) => error)
  assert(error instanceof ToolError && error.traceback !== undefined)
  show.line(error.message)
  show.aside(error.traceback)
  assert.equal(error.type, "StatisticsError")
  assert.match(error.traceback, /flights\.py", line \d+, in delay_between/)
}

async function cancelledStream(): Promise<void> {
  const stopped = nextLog(pit)
  for await (const { data } of pit.stream<Progress>("delays_by_hour", { table }, { credit: 4 })) {
    chunks += 1
    if (data !== null && data.bytes > data.total / 4) break
  }
  const [, percent] = (await stopped).match(/stopped at (\d+) %/) ?? []
  show.line("That was its `finally` block; the worker serves on.")
  assert(Number(percent) >= 25 && Number(percent) < 60)
  assert.deepEqual(
    pit.workers().map(({ pid }) => pid),
    pids,
  )
}

function summary(): void {
  const { requests, errors } = pit.stats()
  const shares = [...served].sort().map(([worker, calls]) => `${worker}: ${calls}`)
  assert.deepEqual([requests, errors], [15, 2])
  show.success(`${requests} calls and ${chunks} chunks in ${show.seconds(begun)}. Every figure is right.`)
  show.aside(`Calls by worker: ${shares.join(", ")}. One failed and one was cancelled, both on purpose.`)
}
