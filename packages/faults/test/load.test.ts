import { getEventListeners } from "node:events"
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import type { Snakepit } from "@snakepit/core"
import { describe, expect, test } from "vitest"
import { errorOf } from "../src/outcomes.js"
import { until } from "../src/processes.js"
import { scaled } from "../src/scale.js"
import { exists, lines } from "./support/files.js"
import { held, megabyte } from "./support/memory.js"
import { channelTransports, everyTransport, folder, pids, start } from "./support/pit.js"

/** A call that keeps a worker busy until it is released. */
async function blocked(pit: Snakepit): Promise<{ readonly call: Promise<unknown>; release(): void }> {
  const [began, released] = [join(await folder(), "began"), join(await folder(), "released")]
  const call = pit.execute("wait_for", { path: released, began })
  await exists(began)
  return { call, release: () => writeFileSync(released, "") }
}

test("L1 one call more than the queue takes is refused at once; the others are served", async () => {
  const pit = await start("busy:Busy", { maxQueue: 100 })
  const { call, release } = await blocked(pit)
  const numbers = Array.from({ length: 100 }, (_, number) => number)
  const queued = numbers.map((value) => pit.execute("echo", { value }))
  const extra = Array.from({ length: 50 }, () => errorOf(pit.execute("echo", { value: "extra" })))
  // Nothing is released before they are told.
  for (const error of await Promise.all(extra))
    expect(error).toMatchObject({ _tag: "PoolSaturated", queued: 100, maxQueue: 100 })
  release()
  expect(await Promise.all(queued)).toEqual(numbers)
  await call
  expect(pit.stats()).toMatchObject({ poolSaturated: 50, queued: 0, busy: 0 })
})

/** Waits until a worker has gone as far as it can: its figure stays while nothing moves. */
async function settled(produced: () => number): Promise<number> {
  let last = -1
  for (let same = 0; same < 50; same += 1) {
    const now = produced()
    if (now !== last) same = 0
    last = now
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  return last
}

describe.each(everyTransport)("over %s", (over) => {
  test("L2 the producer of a consumer that stands still waits, and others do not", async () => {
    const progress = join(await folder(), "progress")
    const produced = () => (existsSync(progress) ? Number(readFileSync(progress, "utf8")) : 0)
    const pit = await start("busy:Busy", { size: 2 }, { over })
    const credit = 100
    const stream = pit.stream<number>("numbers", { n: 1e9, progress }, { credit })
    for (let next = 0; next < 5; next += 1)
      expect(await stream.next()).toMatchObject({ value: { data: next } })
    // What it has made beyond what was consumed is what it had credit for, and one more that waits.
    expect(await settled(produced)).toBeLessThanOrEqual(5 + credit + 1)
    const values = Array.from({ length: 200 }, (_, value) => value)
    expect(await Promise.all(values.map((value) => pit.execute("echo", { value })))).toEqual(values)
    expect(await settled(produced)).toBeLessThanOrEqual(5 + credit + 1)
    for (let next = 5; next < 300; next += 1)
      expect(await stream.next()).toMatchObject({ value: { data: next } })
    const far = await settled(produced)
    expect(far).toBeGreaterThan(300)
    expect(far).toBeLessThanOrEqual(300 + credit + 1)
    await stream.return?.()
  })
})

test.each(channelTransports)(
  "L3 over %s, memory is flat on both sides of a very long stream",
  async (over) => {
    const n = scaled(100_000, 1_000_000)
    const pit = await start("busy:Busy", {}, { over })
    const pid = pids(pit)[0] ?? 0
    const early = n / 10
    let before = held(pid)
    let next = 0
    for await (const chunk of pit.stream<number>("numbers", { n }, { timeout: "10 minutes" })) {
      if (chunk.isFinal) break
      if (chunk.data !== next) expect(chunk.data).toBe(next)
      next += 1
      if (next === early) before = held(pid)
    }
    const after = held(pid)
    expect(next).toBe(n)
    expect(after.host - before.host).toBeLessThan(4 * megabyte)
    expect(after.worker - before.worker).toBeLessThan(4 * megabyte)
  },
)

test.each(everyTransport)(
  "L4 over %s, more than the limit is refused by name, on either side",
  async (over) => {
    const pit = await start("busy:Busy", {}, { over })
    const before = pids(pit)
    const limit = 2 ** 30
    const data = new Uint8Array(limit + 1)
    const sent = await errorOf(pit.execute("length", { data }))
    expect(sent).toMatchObject({ _tag: "InvalidParameter", tool: "length" })
    expect(sent.message).toContain(`maxAttachmentBytes is ${limit}`)
    const made = await errorOf(pit.execute("zeros", { size: limit + 1 }))
    expect(made).toMatchObject({ _tag: "RemoteError", code: "not_serializable" })
    expect(made.message).toContain(`${limit}`)
    const text = await errorOf(pit.execute("length", { data: "x".repeat(2 ** 26 + 1) }))
    expect(text).toMatchObject({ _tag: "InvalidParameter" })
    expect(text.message).toContain("maxFrameBytes")
    expect(pids(pit)).toEqual(before)
    // What is within the limit works; in the long form all of it.
    const size = scaled(2 ** 20, limit)
    expect(await pit.execute("length", { data: data.subarray(0, size) }, { timeout: "10 minutes" })).toBe(
      size,
    )
  },
)

test("L5 of ten thousand sessions and one, the one is refused until another one has ended", async () => {
  const pit = await start("busy:Busy", { size: 2, maxQueue: 20_000, queueTimeout: "1 minute" })
  const ids = Array.from({ length: 10_000 }, (_, number) => `session-${number}`)
  const calls = ids.map((session, value) => pit.execute("echo", { value }, { session }))
  expect(await Promise.all(calls)).toEqual(ids.map((_, value) => value))
  const error = await errorOf(pit.execute("echo", { value: 1 }, { session: "one more" }))
  expect(error).toMatchObject({ _tag: "SessionQuotaExceeded", limit: 10_000 })
  // Those that there are, and calls of none, are served as before.
  expect(await pit.execute("echo", { value: 2 }, { session: "session-0" })).toBe(2)
  expect(await pit.execute("echo", { value: 3 })).toBe(3)
  await pit.session("session-1").close()
  expect(await pit.execute("echo", { value: 4 }, { session: "one more" })).toBe(4)
})

test("L7 a call whose time is over before its turn never starts", async () => {
  const pit = await start("busy:Busy")
  const log = join(await folder(), "log")
  const { call, release } = await blocked(pit)
  const late = (text: string, options: object) => errorOf(pit.execute("log", { path: log, text }, options))
  const outcomes = await Promise.all([
    late("timeout", { timeout: 30 }),
    late("queue", { queueTimeout: 30 }),
    late("behind", { timeout: 60 }),
    late("cancelled", { signal: AbortSignal.timeout(30) }),
  ])
  expect(outcomes.map(({ _tag }) => _tag)).toEqual([
    "CallTimeout",
    "QueueTimeout",
    "CallTimeout",
    "CallCancelled",
  ])
  release()
  await call
  expect(await pit.execute("log", { path: log, text: "in time" })).toBe("in time")
  expect(lines(log)).toEqual(["in time"])
})

test.each(everyTransport)("L9 over %s, a thousand cancels at once leave nothing behind", async (over) => {
  const pit = await start("busy:Busy", { size: 2, maxQueue: 2000 }, { over })
  const before = pids(pit)
  const abort = new AbortController()
  const { signal } = abort
  const [log, never] = [join(await folder(), "log"), join(await folder(), "never")]
  for (let round = 0; round < scaled(2, 20); round += 1) {
    const each = new AbortController()
    const calls = Array.from({ length: 1000 }, (_, number) => {
      const tool = number % 2 === 0 ? "wait_for" : "log"
      const args = number % 2 === 0 ? { path: never } : { path: log, text: `${number}` }
      const call =
        number % 3 === 0
          ? pit.stream(tool, args, { signal: each.signal }).next()
          : pit.execute(tool, args, { signal: each.signal })
      return errorOf(call).catch((): undefined => undefined)
    })
    expect(getEventListeners(each.signal, "abort").length).toBeGreaterThan(0)
    each.abort()
    const cancelled = (await Promise.all(calls)).filter((error) => error !== undefined)
    expect(new Set(cancelled.map(({ _tag }) => _tag))).toEqual(new Set(["CallCancelled"]))
    expect(getEventListeners(each.signal, "abort")).toEqual([])
    await until(() => pit.stats().busy === 0 && pit.stats().queued === 0)
  }
  const values = Array.from({ length: 1000 }, (_, value) => value)
  expect(await Promise.all(values.map((value) => pit.execute("echo", { value }, { signal })))).toEqual(values)
  // All calls of a signal share one, which goes with the signal.
  expect(getEventListeners(signal, "abort").length).toBeLessThanOrEqual(1)
  expect(pids(pit)).toEqual(before)
  expect(pit.stats()).toMatchObject({ busy: 0, queued: 0, crashes: 0, available: 2 })
})
