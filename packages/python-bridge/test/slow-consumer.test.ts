import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import type { Snakepit } from "@snakepit/core"
import { expect, test } from "vitest"
import { folder, start } from "./helpers.js"

const megabyte = 2 ** 20

interface Watched {
  readonly pit: Snakepit
  /** Chunks that the worker has produced so far, as it says itself. */
  produced(): number
}

async function watched(size = 1): Promise<Watched> {
  const progress = join(await folder(), "progress")
  writeFileSync(progress, "0")
  const pit = await start("streams:Streams", { size }, { python: { env: { PROGRESS: progress } } })
  return { pit, produced: () => Number(readFileSync(progress, "utf8")) }
}

setFlagsFromString("--expose-gc")
const collectGarbage: () => void = runInNewContext("gc")

/** Bytes that both sides hold, without what only waits to be collected. */
function held(pit: Snakepit): { readonly host: number; readonly worker: number } {
  // The memory of dead buffers is given back by a thread of V8, later when the machine is busy; the second
  // collection waits until the first has given back everything.
  collectGarbage()
  collectGarbage()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  const statm = readFileSync(`/proc/${pit.workers()[0]?.pid}/statm`, "utf8")
  return { host: heapUsed + arrayBuffers, worker: Number(statm.split(" ")[1]) * 4096 }
}

/** Waits until the worker has gone as far as it can: its figure stays while it answers nothing and gets nothing. */
async function settled(produced: () => number): Promise<number> {
  let last = -1
  let same = 0
  while (same < 200) {
    const now = produced()
    same = now === last ? same + 1 : 0
    last = now
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  return last
}

test.each(["numbers", "numbers_async"])(
  "200,000 chunks of %s arrive in order; a slow consumer holds the worker back",
  async (tool) => {
    const n = 200_000
    const credit = 64
    const { pit, produced } = await watched()
    let next = 0
    let lead = 0
    let early = held(pit)
    for await (const chunk of pit.stream<number>(tool, { n }, { credit })) {
      if (chunk.isFinal) break
      expect(chunk.data).toBe(next)
      next += 1
      // Slow at first: it looks at every chunk as if it were the last.
      if (next % 20 === 0 && next <= 200) lead = Math.max(lead, (await settled(produced)) - next)
      else if (next % 5000 === 0) lead = Math.max(lead, produced() - next)
      if (next === 20_000) early = held(pit)
    }
    const late = held(pit)
    expect(next).toBe(n)
    expect(produced()).toBe(n)
    // The one more is what the generator made before it was told to wait.
    expect(lead).toBeLessThanOrEqual(credit + 1)
    expect(lead).toBeGreaterThanOrEqual(credit / 2)
    // 180,000 chunks that were kept somewhere would be more than this.
    expect(late.host - early.host).toBeLessThan(8 * megabyte)
    expect(late.worker - early.worker).toBeLessThan(8 * megabyte)
  },
)

test("chunks of a megabyte cost as much credit as they weigh, and memory stays flat on both sides", async () => {
  const n = 400
  const credit = 64
  const { pit, produced } = await watched()
  const before = held(pit)
  let next = 0
  let lead = 0
  for await (const chunk of pit.stream<Uint8Array>("megabytes", { n }, { credit })) {
    if (chunk.isFinal) break
    expect(chunk.data).toBeInstanceOf(Uint8Array)
    expect(chunk.data.byteLength).toBe(megabyte)
    expect(Buffer.from(chunk.data.buffer, chunk.data.byteOffset).readUInt32LE(megabyte - 4)).toBe(next)
    next += 1
    if (next <= 5) lead = Math.max(lead, (await settled(produced)) - next)
    else lead = Math.max(lead, produced() - next)
    if (next % 100 !== 5) continue
    const now = held(pit)
    expect(now.host - before.host).toBeLessThan(32 * megabyte)
    expect(now.worker - before.worker).toBeLessThan(32 * megabyte)
  }
  expect(next).toBe(n)
  // A chunk of 1 MiB and its frame cost 17, so 64 pay for four, and the last may overdraw.
  expect(lead).toBeLessThanOrEqual(4 + 1)
  expect(lead).toBeGreaterThanOrEqual(2)
})

test("a consumer that stands still holds up nobody else on the same worker's host", async () => {
  const { pit, produced } = await watched(2)
  const stream = pit.stream<number>("numbers", { n: 1_000_000 })
  expect((await stream.next()).value?.data).toBe(0)
  await settled(produced)
  const values = Array.from({ length: 500 }, (_, value) => value)
  expect(await Promise.all(values.map((value) => pit.execute("echo", { value })))).toEqual(values)
  await stream.return?.()
})
