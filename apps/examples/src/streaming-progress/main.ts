import assert from "node:assert/strict"
import { stdout } from "node:process"
import { Snakepit } from "@snakepit/core"
import { python } from "@snakepit/python-bridge"
import { json } from "@snakepit/transport-json"

interface Progress {
  readonly step: number
  readonly total: number
  /** Percent. */
  readonly progress: number
  readonly message: string
}

const width = 40

await using pit = await Snakepit.start({ adapter: python(), transports: [json()], pool: { size: 1 } })

const steps: number[] = []
let percent = 0
for await (const { data } of pit.stream<Progress>("stream_progress", { steps: 20, delay_ms: 25 })) {
  assert(data !== null)
  steps.push(data.step)
  percent = data.progress
  show(data)
}
assert.deepEqual(
  steps,
  Array.from({ length: 20 }, (_, index) => index + 1),
)
assert.equal(percent, 100)

/** On a terminal one line that grows; elsewhere a line for each quarter. */
function show({ step, total, progress, message }: Progress): void {
  const done = Math.round((progress / 100) * width)
  const line = `${"█".repeat(done).padEnd(width, "░")} ${progress.toFixed(0).padStart(3)} %  ${message}`
  if (stdout.isTTY) stdout.write(`\r${line}${step === total ? "\n" : ""}`)
  else if ((step * 4) % total === 0) console.log(line)
}
