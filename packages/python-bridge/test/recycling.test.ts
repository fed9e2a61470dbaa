import { rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import type { PoolConfig, Snakepit, SnakepitConfig } from "@snakepit/core"
import { describe, expect, test } from "vitest"
import { folder, interpreter, Records, script, start } from "./helpers.js"

const full = process.env.SNAKEPIT_FAULTS === "full"

interface Recycled {
  readonly workerId: string
  readonly reason: string
  readonly requests: number
}

/** A pool of workers that can be worn out, and what it tells of those that were replaced. */
async function worn(pool: PoolConfig, more: Partial<SnakepitConfig> & { python?: object } = {}) {
  const pit = await start("wearing:Wearing", pool, more)
  const recycled: Recycled[] = []
  pit.on("snakepit.worker.recycled", ({ measurements, metadata }) =>
    recycled.push({ ...metadata, requests: measurements.requests }),
  )
  return { pit, recycled }
}

const call = (pit: Snakepit, value: number): Promise<number> => pit.execute<number>("echo", { value })

test(`${full ? "20,000" : "2,000"} calls of 64 callers while every worker goes after 50: none fails`, async () => {
  const { pit, recycled } = await worn({ size: 4, recycle: { maxRequests: 50 }, queueTimeout: "30 seconds" })
  const calls = full ? 20_000 : 2_000
  let made = 0
  const caller = async (): Promise<void> => {
    // However fast the machine is, some workers must go.
    while (made < calls || recycled.length < 8) {
      made += 1
      const value = made
      expect(await call(pit, value)).toBe(value)
    }
  }
  await Promise.all(Array.from({ length: 64 }, caller))
  expect(pit.stats()).toMatchObject({ requests: made, errors: 0, crashes: 0, queued: 0 })
  for (const { reason, requests } of recycled) {
    expect(reason).toBe("requests")
    expect(requests).toBeGreaterThanOrEqual(45)
  }
})

test("P16 a worker that grows is replaced when what it runs has ended, and not before another one is up", async () => {
  const { pit, recycled } = await worn({ size: 1, recycle: { maxMemoryMb: 150, checkInterval: 50 } })
  const events: string[] = []
  pit.on("snakepit.worker.initialized", ({ metadata }) => events.push(`up ${metadata.workerId}`))
  pit.on("snakepit.worker.terminated", ({ metadata }) => events.push(`gone ${metadata.workerId}`))
  const old = await pit.execute<number>("pid")
  const joined = pit.once("snakepit.worker.initialized")
  const [leak, nap] = [pit.execute("leak", { mebibytes: 200 }), pit.execute<number>("nap", { seconds: 1 })]
  await Promise.all([leak, joined])
  const left = pit.once("snakepit.worker.recycled")
  // The old worker still runs what it had; what comes now goes to the new one.
  expect(await pit.execute("pid")).not.toBe(old)
  expect(await nap).toBe(old)
  await left
  expect(recycled).toMatchObject([{ workerId: "default-1", reason: "memory" }])
  expect(events).toEqual(["up default-2", "gone default-1"])
  expect(pit.stats()).toMatchObject({ workers: 1, recycled: 1, errors: 0, crashes: 0 })
})

test("a worker goes at the end of its time to live; one that runs a call then, when that has ended", async () => {
  const { pit, recycled } = await worn({ size: 2, recycle: { ttl: 500 } })
  const before = pit.workers().map(({ id }) => id)
  const nap = pit.execute<number>("nap", { seconds: 1.5 })
  while (recycled.length < 2) await pit.once("snakepit.worker.recycled")
  expect(typeof (await nap)).toBe("number")
  expect(recycled.map(({ reason }) => reason)).toEqual(Array(recycled.length).fill("ttl"))
  await expect.poll(() => pit.workers().filter(({ id }) => before.includes(id))).toEqual([])
  expect(pit.stats()).toMatchObject({ errors: 0, crashes: 0 })
})

describe("strict sessions", () => {
  test("keep their worker until they have ended", async () => {
    const { pit, recycled } = await worn({ size: 1, recycle: { maxRequests: 5, jitter: 0 } })
    const session = pit.session("mine", { affinity: "strict_queue" })
    const seen: (readonly [pid: number, count: number])[] = []
    for (let turn = 0; turn < 20; turn += 1) seen.push(await session.execute<[number, number]>("counted"))
    expect(seen.map(([, count]) => count)).toEqual(Array.from({ length: 20 }, (_, turn) => turn + 1))
    expect(recycled).toEqual([])
    const left = pit.once("snakepit.worker.recycled")
    await session.close()
    await left
    expect(recycled).toMatchObject([{ reason: "requests", workerId: "default-1" }])
  })

  test("lose a worker that is not to be trusted, which is replaced first", async () => {
    const crashBarrier = { taintOn: ["builtins.MemoryError"] }
    const { pit, recycled } = await worn({ size: 1, crashBarrier })
    const lost: string[] = []
    const onLost = (_: unknown, { workerId }: { workerId: string }): void => void lost.push(workerId)
    const session = pit.session("mine", { affinity: "strict_queue", onLost })
    const old = await session.execute<number>("pid")
    const left = pit.once("snakepit.worker.recycled")
    await expect(session.execute("spoil")).rejects.toMatchObject({ _tag: "ToolError", type: "MemoryError" })
    await left
    expect(await session.execute("pid")).not.toBe(old)
    expect(lost).toEqual(["default-1"])
    expect(recycled).toMatchObject([{ reason: "tainted", workerId: "default-1" }])
  })
})

test("a worker that is due stays when no other one can start, and goes when one can; it is said", async () => {
  const obstacle = join(await folder(), "obstacle")
  const python = await script(`test -e '${obstacle}' && exit 9\nexec '${await interpreter()}' "$@"`)
  const records = new Records()
  const logger = records.logger
  const { pit, recycled } = await worn(
    { size: 1, recycle: { maxRequests: 1 } },
    { logger, python: { python } },
  )
  writeFileSync(obstacle, "")
  const old = await pit.execute("pid")
  const record = await records.saying("stays")
  expect(record).toMatchObject({ level: "warn", workerId: "default-1" })
  expect(record.message).toContain("worker default-1 is due (requests)")
  expect(record.message).toContain("exited with code 9")
  expect(await pit.execute("pid")).toBe(old)
  rmSync(obstacle)
  await pit.once("snakepit.worker.recycled")
  expect(recycled[0]).toMatchObject({ workerId: "default-1" })
  expect(pit.stats()).toMatchObject({ errors: 0, crashes: 0 })
})
