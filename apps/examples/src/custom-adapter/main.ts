import assert from "node:assert/strict"
import { fileURLToPath } from "node:url"
import { Snakepit, ToolError, UnknownTool } from "@snakepit/core"
import { json } from "@snakepit/transport-json"
import { node } from "./node.js"

const script = fileURLToPath(new URL("../../src/custom-adapter/worker.mjs", import.meta.url))

await using pit = await Snakepit.start({ adapter: node(script), transports: [json()], pool: { size: 2 } })

const [worker] = pit.workers()
console.log(`Workers of another runtime: ${worker?.runtime?.name} ${worker?.runtime?.version}`)
assert.equal(worker?.runtime?.name, "node")

const counts = await Promise.all(
  [10, 1000, 100_000].map((below) => pit.execute<number>("count_primes", { below })),
)
console.log(`Primes below 10, 1,000 and 100,000: ${counts.join(", ")}`)
assert.deepEqual(counts, [4, 168, 9592])

assert.equal(await pit.execute("shout", { text: "any language will do" }), "ANY LANGUAGE WILL DO")

// Its errors arrive like Python's, with type, message and the worker's own stack.
const error = await pit.execute("shout", {}).catch((error: unknown) => error)
assert(error instanceof ToolError && error.type === "TypeError")
assert.match(error.traceback ?? "", /worker\.mjs/)
await assert.rejects(pit.execute("whisper"), UnknownTool)
console.log(`A mistake in the worker: ${error.message}`)
