import assert from "node:assert/strict"
import { appendFileSync, writeFileSync } from "node:fs"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Snakepit } from "@snakepit/core"
import { python } from "@snakepit/python-bridge"
import { json } from "@snakepit/transport-json"

interface Finding {
  readonly line_number: number
  readonly log_line: string
  readonly severity: string
  readonly context: readonly string[]
}

interface End {
  readonly reason: string
  readonly lines: number
  readonly matches: number
}

const folder = await mkdtemp(join(tmpdir(), "log-tail-"))
const log = join(folder, "app.log")
writeFileSync(log, "")

await using pit = await Snakepit.start({ adapter: python(), transports: [json()], pool: { size: 2 } })

// The log is that of this very program: a line for each call that has ended. One worker does the work of the calls …
pit.on("snakepit.request.executed", ({ measurements, metadata: { command, workerId, success } }) => {
  const level = success ? "INFO" : "ERROR"
  const took = `${(measurements.durationUs / 1000).toFixed(1)} ms`
  appendFileSync(log, `${new Date().toISOString()} ${level} ${workerId} ${command} ${took}\n`)
})

// … and the other one follows the log while it grows. Each finding is answered by the next attempt.
const args = { log_path: log, patterns: ["ERROR"], context_lines: 2, max_matches: 3 }
const findings: Finding[] = []
let end: End | undefined
try {
  const tail = pit.stream<Finding | End>("tail_and_analyze", args)
  await divide(1)
  for await (const { data } of tail) {
    assert(data !== null)
    if ("reason" in data) {
      end = data
    } else {
      console.log(`line ${data.line_number}: ${data.log_line}`)
      findings.push(data)
      await divide(findings.length + 1)
    }
  }
} finally {
  await rm(folder, { recursive: true })
}
console.log(`${end?.matches} errors in ${end?.lines} lines; the stream has ended by itself.`)

assert.equal(end?.reason, "max_matches")
assert.deepEqual(
  findings.map(({ line_number, severity, context }) => [line_number, severity, context.length]),
  // Before the second error there are two divisions that went well; and so on.
  [
    [2, "ERROR", 1],
    [5, "ERROR", 2],
    [9, "ERROR", 2],
  ],
)
for (const { context } of findings) assert(context.every((line) => line.includes(" INFO ")))

/** Divides by 1, 2, … `times`, and then by zero. */
async function divide(times: number): Promise<void> {
  for (let b = 1; b <= times; b += 1) await pit.execute("compute", { operation: "divide", a: 1, b })
  await assert.rejects(pit.execute("compute", { operation: "divide", a: 1, b: 0 }), /ZeroDivisionError/)
}
