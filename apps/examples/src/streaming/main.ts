import assert from "node:assert/strict"
import { type Chunk, Snakepit } from "@snakepit/core"
import { python } from "@snakepit/python-bridge"
import { grpc } from "@snakepit/transport-grpc"
import { json } from "@snakepit/transport-json"
import { msgpack } from "@snakepit/transport-msgpack"

interface Ping {
  readonly count: number
  readonly message: string
}

await using pit = await Snakepit.start({
  adapter: python(),
  transports: [msgpack(), json(), grpc()],
  pool: { size: 1 },
})

// A stream is an AsyncIterable. Its last chunk has `isFinal: true`, and says how long it took and who made it.
const indices: number[] = []
for await (const { data, isFinal, metadata } of pit.stream<{ index: number }>("stream_data", { count: 5 })) {
  indices.push(data?.index ?? -1)
  if (isFinal) console.log(`stream_data: ${indices} in ${metadata.execution_time_ms} ms`)
}
assert.deepEqual(indices, [0, 1, 2, 3, 4])

// The same with a callback. If it is async, each chunk waits until it is done with the one before.
const chunks: Chunk<Ping>[] = []
await pit.executeStream<Ping>("ping_stream", { count: 3 }, (chunk) => chunks.push(chunk))
for (const { data, isFinal } of chunks) console.log(`ping_stream: ${isFinal ? "the end" : data.message}`)
assert.deepEqual(
  chunks.map(({ data }) => data?.count),
  // This tool marks no chunk as its last one, so Snakepit adds it.
  [1, 2, 3, undefined],
)

// To leave the loop is to stop Python: this stream would have gone on for days.
let heard = 0
for await (const { data } of pit.stream<Ping>("ping_stream", { count: 1e9, delay: 0.001 })) {
  heard = data?.count ?? 0
  if (heard === 10) break
}
console.log(`ping_stream: left after ${heard} of 1,000,000,000`)
assert.equal(heard, 10)

// The pool has one worker. It is free again, and it is the same one.
assert.deepEqual(await pit.execute("add", { a: 1, b: 1 }), { result: 2 })
assert.equal(pit.stats().crashes, 0)
