import assert from "node:assert/strict"
import { existsSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { defineConfig, Snakepit } from "@snakepit/core"
import { python } from "@snakepit/python-bridge"
import { json } from "@snakepit/transport-json"

const table = fileURLToPath(new URL("../data/seattle-weather.csv", import.meta.resolve("vega-datasets")))

const config = defineConfig({
  adapter: python({
    adapter: "./station.py:Station",
    cwd: fileURLToPath(new URL("../../src/script-mode", import.meta.url)),
  }),
  transports: [json()],
  pool: { size: 2 },
})

const years = [2012, 2013, 2014, 2015]

/** What the workers of a run leave behind has to be nothing. */
const traces: { pid: number | null; file: string }[] = []

// Starts the workers, does the work, and cleans up whatever happens: also after an error, SIGINT or SIGTERM.
const days = await Snakepit.run(config, async (pit) => {
  await leaveTraces(pit)
  return Promise.all(
    years.map((year) => pit.execute<Record<string, number>>("days_by_weather", { table, year })),
  )
})
const lines = readFileSync(table, "utf8").split("\n")
years.forEach((year, i) => {
  const rainy = lines.filter((line) => line.startsWith(`${year}-`) && line.endsWith(",rain"))
  console.log(`Seattle in ${year}: ${JSON.stringify(days[i])}`)
  assert.equal(days[i]?.rain, rainy.length)
})

const failing = Snakepit.run(config, async (pit) => {
  await leaveTraces(pit)
  throw new Error("the script went wrong")
})
await assert.rejects(failing, /the script went wrong/)

assert.equal(new Set(traces.map(({ file }) => file)).size, 4)
for (const { pid, file } of traces) {
  assert(!existsSync(file), "Python's cleanup() removed its file")
  assert.throws(() => process.kill(Number(pid), 0), { code: "ESRCH" })
}
console.log("Two runs, four workers: no process and no file is left.")

/** Both workers are idle, so each gets one of two calls. */
async function leaveTraces(pit: Snakepit): Promise<void> {
  const files = await Promise.all(pit.workers().map(() => pit.execute<string>("where")))
  pit.workers().forEach(({ pid }, i) => {
    traces.push({ pid, file: files[i] ?? "" })
  })
  assert(files.every((file) => existsSync(file)))
}
