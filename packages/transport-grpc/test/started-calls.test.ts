import { PassThrough } from "node:stream"
import { expect, test } from "vitest"
import { StartedCalls } from "../src/started-calls.js"

async function read(...chunks: readonly string[]): Promise<number> {
  const stream = new PassThrough()
  const started = new StartedCalls(stream)
  for (const chunk of chunks) stream.write(chunk)
  stream.end()
  started.hurry()
  await started.ended
  return started.newest
}

test.each<[string, readonly string[], number]>([
  ["nothing", [], 0],
  ["one id", ["7\n"], 7],
  ["the last of several", ["7\n8\n12\n"], 12],
  ["the last one that is whole", ["7\n8\n12"], 8],
  ["one that comes in pieces", ["1", "2", "3\n"], 123],
  ["one that begins behind another", ["7\n1", "2\n"], 12],
  ["the largest id there is", [`${Number.MAX_SAFE_INTEGER}\n`], Number.MAX_SAFE_INTEGER],
  ["no line that is no id", ["7\nx-future 9\n", "8", "y\n", `${"9".repeat(50)}\n`, "\n"], 7],
])("reads %s", async (_, chunks, newest) => {
  expect(await read(...chunks)).toBe(newest)
})

test("reads on after it has let lines gather", async () => {
  const stream = new PassThrough()
  const started = new StartedCalls(stream)
  for (const id of [1, 2, 3]) {
    stream.write(`${id}\n`)
    while (started.newest !== id) await new Promise(setImmediate)
  }
  stream.destroy()
  await started.ended
})
