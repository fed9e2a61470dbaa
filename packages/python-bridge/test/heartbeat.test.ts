import { existsSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import type { HeartbeatConfig, PoolConfig, Snakepit, SnakepitEvent } from "@snakepit/core"
import { describe, expect, test } from "vitest"
import { errorOf, folder, gone, start, until } from "./helpers.js"

type Miss = SnakepitEvent<"snakepit.worker.health_check_failed">

interface Ward {
  readonly pit: Snakepit
  readonly pid: number
  readonly misses: Miss[]
}

/** One worker, asked often. The timeout leaves room for a machine that does other work as well. */
async function ward(heartbeat: HeartbeatConfig = {}, pool: PoolConfig = {}): Promise<Ward> {
  const pit = await start("heartbeats:Heartbeats", {
    heartbeat: { interval: 20, timeout: 200, maxMissed: 3, ...heartbeat },
    ...pool,
  })
  const misses: Miss[] = []
  pit.on("snakepit.worker.health_check_failed", (miss) => misses.push(miss))
  return { pit, pid: await pit.execute<number>("pid"), misses }
}

describe("a stopped worker", () => {
  test("P2 is killed while it is idle, and replaced", async () => {
    const { pit, pid, misses } = await ward()
    const terminated = pit.once("snakepit.worker.terminated")
    process.kill(pid, "SIGSTOP")
    expect((await terminated).metadata).toMatchObject({ pid, expected: false, signal: "SIGKILL" })
    expect(misses).toHaveLength(1)
    expect(misses[0]?.metadata).toMatchObject({
      workerId: "default-1",
      pool: "default",
      pid,
      action: "killed",
      reason: "did not answer 1 heartbeat: its process is stopped",
    })
    await gone(pid)
    expect(await pit.execute("pid")).not.toBe(pid)
  })

  test("P2 is killed while it runs a call, which fails with the reason; the next worker serves", async () => {
    const { pit, pid } = await ward()
    const touch = join(await folder(), "begun")
    const call = errorOf(pit.execute("nap", { touch }))
    await until(() => existsSync(touch))
    process.kill(pid, "SIGSTOP")
    expect(await call).toMatchObject({
      _tag: "WorkerCrashed",
      message: expect.stringContaining("its process is stopped"),
    })
    await gone(pid)
    expect(await pit.execute("pid")).not.toBe(pid)
  })

  test("is only reported when nothing depends on it, and serves again when it goes on", async () => {
    const { pit, pid, misses } = await ward({ dependent: false, timeout: 100, maxMissed: 2 })
    process.kill(pid, "SIGSTOP")
    await until(() => misses.length > 2)
    process.kill(pid, "SIGCONT")
    expect(await pit.execute("pid")).toBe(pid)
    expect(new Set(misses.map(({ metadata }) => metadata.action))).toEqual(new Set(["none"]))
  })
})

describe("a worker that runs a call", () => {
  test("P23 survives that it holds the interpreter's lock for three times the allowance", async () => {
    const { pit, pid, misses } = await ward()
    const touch = join(await folder(), "begun")
    expect(await pit.execute("hold_lock", { touch, seconds: 2 })).toBe("held")
    expect(misses.length).toBeGreaterThan(3)
    expect(misses.at(-1)?.metadata).toMatchObject({
      action: "none",
      reason: expect.stringMatching(/did not answer \d+ heartbeats: it runs a call/),
    })
    expect(await pit.execute("pid")).toBe(pid)
  })

  test("P15 that holds the interpreter's lock is killed at the call's limit; its sibling serves on", async () => {
    const { pit } = await ward({}, { size: 2, cancelGrace: 100 })
    const touch = join(await folder(), "begun")
    const call = errorOf(pit.execute("hold_lock", { touch, seconds: 60 }, { timeout: 1000 }))
    await until(() => existsSync(touch))
    const sibling = await pit.execute<number>("pid")
    expect(await call).toMatchObject({ _tag: "CallTimeout" })
    await until(() => pit.stats().crashes === 1)
    await until(() => pit.stats().available === 2)
    expect(pit.workers().map(({ pid }) => pid)).toContain(sibling)
  })

  test("answers while Python code runs", async () => {
    let pongs = 0
    const { pit, misses } = await ward({
      timeout: "10 seconds",
      ping: async (worker) => {
        await worker.ping()
        pongs += 1
      },
    })
    const released = join(await folder(), "released")
    const call = pit.execute("spin", { released })
    await until(() => pit.stats().busy === 1)
    const before = pongs
    await until(() => pongs >= before + 20)
    writeFileSync(released, "")
    expect(await call).toBe("spun")
    expect(misses).toEqual([])
  })
})

test("H7 a host that is blocked for longer than the allowance kills nobody", async () => {
  let blocked = false
  const { pit, pid, misses } = await ward({
    timeout: 400,
    maxMissed: 1,
    ping: (worker) => {
      const answered = worker.ping()
      if (!blocked) {
        blocked = true
        const until = performance.now() + 1200
        while (performance.now() < until);
      }
      return answered
    },
  })
  await until(() => blocked)
  expect(await pit.execute("pid")).toBe(pid)
  expect(misses).toEqual([])
})

test("a tool can read how its worker is watched; without heartbeat there is nothing to read", async () => {
  const variable = { name: "SNAKEPIT_HEARTBEAT_CONFIG" }
  const { pit } = await ward({ dependent: false })
  expect(JSON.parse(await pit.execute<string>("variable", variable))).toEqual({
    interval_ms: 20,
    timeout_ms: 200,
    max_missed: 3,
    dependent: false,
  })
  const unwatched = await start("heartbeats:Heartbeats", { heartbeat: false })
  expect(await unwatched.execute("variable", variable)).toBeNull()
})
