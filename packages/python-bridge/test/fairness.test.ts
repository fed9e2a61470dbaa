import { existsSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { expect, test } from "vitest"
import { folder, start, until } from "./helpers.js"

const tiny = Array.from({ length: 1000 }, (_, number) => number)

test.each([
  ["before", 0],
  ["in the middle of", 500],
  ["after", 1000],
])("a slow call that comes %s 1,000 tiny ones holds none of them up", async (_when, position) => {
  const pit = await start("basic:Basic", { size: 2 })
  const released = join(await folder(), "released")
  // The slow one cannot end before every tiny one has: whoever waits for it, waits for ever.
  let slow: Promise<unknown> | undefined
  const settled: string[] = []
  const calls = tiny.map((number) => {
    if (number === position) slow = pit.execute("wait_for", { path: released })
    return pit.execute("pid").then(() => settled.push("tiny"))
  })
  slow ??= pit.execute("wait_for", { path: released })
  const ended = slow.then(() => settled.push("slow"))
  await Promise.all(calls)
  writeFileSync(released, "")
  await ended
  expect(settled.indexOf("slow")).toBe(1000)
  expect(pit.stats()).toMatchObject({ requests: 1001, errors: 0, queued: 0 })
})

test("with a slow call first, its worker runs none of the tiny ones", async () => {
  const pit = await start("basic:Basic", { size: 2 })
  const [begun, released] = [join(await folder(), "begun"), join(await folder(), "released")]
  const slow = pit.execute("wait_for", { path: released, touch: begun })
  await until(() => existsSync(begun))
  const pids = new Set(await Promise.all(tiny.map(() => pit.execute<number>("pid"))))
  writeFileSync(released, "")
  await slow
  const requests = pit.workers().map((worker) => worker.requests)
  // The slow call itself is one request; what was sent ahead and taken back again is answered, too.
  expect(pids.size).toBe(1)
  expect(Math.max(...requests)).toBe(1000)
})

test("when all workers are slow, the first one that is free takes over what waits behind the others", async () => {
  const pit = await start("basic:Basic", { size: 3 }, {})
  const paths = await Promise.all([1, 2, 3].map(async (n) => join(await folder(), `released-${n}`)))
  const slow = paths.map((path) => pit.execute("wait_for", { path }))
  const calls = tiny.slice(0, 200).map(() => pit.execute<number>("pid"))
  expect(pit.stats()).toMatchObject({ workers: 3, busy: 3, queued: 200 })
  writeFileSync(String(paths[1]), "")
  const pids = new Set(await Promise.all(calls))
  // Two workers are still blocked, so only the freed one can have served.
  expect(pids.size).toBe(1)
  for (const path of paths) writeFileSync(path, "")
  expect(await Promise.all(slow)).toEqual(["seen", "seen", "seen"])
})

test("a stream that nobody consumes holds up no call", async () => {
  const pit = await start("basic:Basic", { size: 2 })
  const stream = pit.stream<number>("count", { n: 1e9 })
  await stream.next()
  const pids = new Set(await Promise.all(tiny.map(() => pit.execute("pid"))))
  expect(pids.size).toBe(1)
  await stream.return?.()
  await until(() => pit.stats().busy === 0)
})
