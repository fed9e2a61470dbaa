import { fileURLToPath } from "node:url"
import { type Adapter, type Chunk, defineAdapter, Snakepit } from "@snakepit/core"
import { json } from "@snakepit/transport-json"
import { expect, onTestFinished, test } from "vitest"
import { errorOf } from "../src/outcomes.js"

const script = fileURLToPath(new URL("../python/undecodable_worker.py", import.meta.url))
const adapter: Adapter = defineAdapter({
  name: "undecodable",
  launch: () => ({ executable: "python3", args: [script], channel: "stdio" }),
})

async function start(): Promise<Snakepit> {
  const pit = await Snakepit.start({ adapter, transports: [json()], pool: { size: 1 }, logger: false })
  onTestFinished(() => pit.close({ grace: 0 }))
  return pit
}

const raw = (text: string): object => ({ raw_data_base64: Buffer.from(text).toString("base64") })
const future = '{"$":"fraction","value":[1,3]}'

test("[JS-6] chunks that cannot be decoded arrive as they are, and the stream goes on to its end", async () => {
  const pit = await start()
  for (let round = 0; round < 2; round += 1) {
    const chunks: Chunk<unknown>[] = []
    for await (const chunk of pit.stream("t")) chunks.push(chunk)
    expect(chunks.map(({ data }) => data)).toEqual([
      "good",
      raw(future),
      raw(`[1, {"a": ${future}}]`),
      Number.NaN,
      raw(future),
    ])
    expect(chunks.map(({ isFinal }) => isFinal)).toEqual([false, false, false, false, true])
  }
  expect(pit.workers()).toMatchObject([{ id: "default-1" }])
})

test("[JS-6] a result that cannot be decoded is a protocol error", async () => {
  const pit = await start()
  const error = await errorOf(pit.execute("t"))
  expect(error).toMatchObject({ _tag: "WorkerCrashed", message: expect.stringContaining("fraction") })
})
