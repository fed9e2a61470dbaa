import assert from "node:assert/strict"
import { InvalidParameter, Snakepit, ToolError, UnknownTool } from "@snakepit/core"
import { python } from "@snakepit/python-bridge"
import { grpc } from "@snakepit/transport-grpc"
import { json } from "@snakepit/transport-json"
import { msgpack } from "@snakepit/transport-msgpack"

// Without a name, `python()` serves the bridge's own ShowcaseAdapter.
await using pit = await Snakepit.start({
  adapter: python(),
  transports: [msgpack(), json(), grpc()],
  pool: { size: 2 },
})

const { status } = await pit.execute<{ status: string }>("ping")
console.log(`ping → ${status}`)
assert.equal(status, "pong")

// Whatever goes in comes back as it was: also dates, bytes, and integers that a double cannot hold.
const message = {
  text: "Grüße, 世界",
  when: new Date("2026-01-20T15:30:45Z"),
  bytes: Uint8Array.of(0, 127, 255),
  big: 2n ** 64n,
}
assert.deepEqual(await pit.execute("echo", message), message)
console.log("echo → text, a date, bytes and a big integer, unchanged")

const { result: sum } = await pit.execute<{ result: number }>("add", { a: 2, b: 40 })
console.log(`add → ${sum}`)
assert.equal(sum, 42)

for (const [operation, expected] of [
  ["upper", "SNAKEPIT"],
  ["reverse", "tipekanS"],
  ["length", 8],
] as const) {
  const { result } = await pit.execute<{ result: unknown }>("process_text", { text: "Snakepit", operation })
  console.log(`process_text ${operation} → ${result}`)
  assert.equal(result, expected)
}

interface ProcessStats {
  readonly system: { readonly pid: number; readonly python_version: string }
}
const { system } = await pit.execute<ProcessStats>("get_stats")
console.log(`get_stats → Python ${system.python_version}, process ${system.pid}`)
assert(pit.workers().some(({ pid }) => pid === system.pid))

// What Python raises arrives with type, message and traceback …
const raised = await failure(pit.execute("compute", { operation: "divide", a: 1, b: 0 }))
assert(raised instanceof ToolError && raised.type === "ZeroDivisionError")
assert.match(raised.traceback ?? "", /in compute/)

// … and a mistake in the call itself is told before any worker hears of it.
const misspelt = await failure(pit.execute("add", { a: 1, c: 2 }))
assert(misspelt instanceof InvalidParameter)
const unknown = await failure(pit.execute("process_txt", { text: "?" }))
assert(unknown instanceof UnknownTool && unknown.message.includes("process_text"))

for (const { _tag, message } of [raised, misspelt, unknown]) console.log(`${_tag}: ${message.split("; ")[0]}`)

/** What a promise rejects with. */
async function failure(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => assert.fail("it did not fail"),
    (error: unknown) => error,
  )
}
