import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { stdout } from "node:process"
import { fileURLToPath } from "node:url"
import { Snakepit } from "@snakepit/core"
import { python } from "@snakepit/python-bridge"
import { json } from "@snakepit/transport-json"
import { explainMissingLibraries } from "../explain.js"

interface Progress {
  readonly processed_rows: number
  readonly total_rows: number
  readonly progress_percent: number
  readonly memory_usage_mb: number
}

interface Column {
  readonly count: number
  readonly mean: number
  readonly max: number
}

interface End {
  readonly final_stats: {
    readonly processed: number
    readonly aggregates: { readonly [column: string]: Column }
  }
}

explainMissingLibraries()
const file = fileURLToPath(new URL("../data/birdstrikes.csv", import.meta.resolve("vega-datasets")))

await using pit = await Snakepit.start({ adapter: python(), transports: [json()], pool: { size: 1 } })

// 10,000 collisions of aircraft with birds. However large the file is, one chunk of it is in memory at a time.
let end: End["final_stats"] | undefined
let megabytes = 0
const args = { file_path: file, chunk_size: 2000, operations: ["transform", "aggregate"] }
for await (const { data } of pit.stream<Progress | End>("process_large_dataset", args)) {
  assert(data !== null)
  if ("final_stats" in data) {
    end = data.final_stats
  } else {
    megabytes = Math.max(megabytes, data.memory_usage_mb)
    show(data)
  }
}
console.log(`No chunk took more than ${megabytes.toFixed(1)} MiB.`)

const cost = column("Cost Total $")
const speed = column("Speed IAS in knots")
const total = Math.round((cost.count * cost.mean) / 1e6)
console.log(
  `${end?.processed} bird strikes cost ${total} million dollars, the worst one ${(cost.max / 1e6).toFixed(1)} million.`,
)
console.log(
  `Where the speed is known (${speed.count} times), it was ${speed.mean.toFixed(0)} knots on average.`,
)

// The same in TypeScript, with the whole file in memory.
const [, ...lines] = readFileSync(file, "utf8").trimEnd().split("\n")
const costs = lines.map((line) => Number(line.split(",").at(-2)))
const speeds = lines.flatMap((line) => line.trimEnd().split(",").at(-1) || []).map(Number)
assert.deepEqual([end?.processed, cost.count, cost.max], [lines.length, lines.length, Math.max(...costs)])
assert(Math.abs(cost.mean - mean(costs)) < 1e-6)
assert.equal(speed.count, speeds.length)
assert(Math.abs(speed.mean - mean(speeds)) < 1e-6)

function column(name: string): Column {
  const found = end?.aggregates[name]
  assert(found !== undefined, `no column ${name}`)
  return found
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length
}

/** On a terminal one line that moves; elsewhere a line for each chunk. */
function show({ processed_rows, total_rows, progress_percent }: Progress): void {
  const line = `${progress_percent.toFixed(0).padStart(3)} %  ${processed_rows} of ${total_rows} rows`
  if (stdout.isTTY) stdout.write(`\r${line}${processed_rows === total_rows ? "\n" : ""}`)
  else console.log(line)
}
