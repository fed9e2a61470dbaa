import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import type { Snakepit } from "@snakepit/core"
import { describe, expect, onTestFinished, test } from "vitest"
import { type AnyError, errorOf } from "../src/outcomes.js"
import { gone, isAlive, until } from "../src/processes.js"
import { type Launch, launches } from "../src/workers.js"
import { folder, pids, start } from "./support/pit.js"

const faulty = (launch: Launch, pool = {}): Promise<Snakepit> =>
  start("faulty:Faulty", pool, { python: { launch } })

/** A new worker has come for the one that is gone, and serves. */
async function expectReplaced(pit: Snakepit, lost: number | null): Promise<void> {
  expect(await pit.execute("pid")).not.toBe(lost)
  expect(pit.stats()).toMatchObject({ crashes: 1 })
}

describe.each(launches)("launched by %s,", (launch) => {
  test("P1 a worker is killed in the middle of a call: WorkerCrashed with the signal, and no second run", async () => {
    const pit = await faulty(launch)
    const [touch, note] = [join(await folder(), "begun"), join(await folder(), "runs")]
    const call = errorOf(pit.execute("nap", { touch, note }))
    await until(() => existsSync(touch))
    const [pid = 0] = pids(pit)
    process.kill(pid, "SIGKILL")
    const error = await call
    expect(error).toMatchObject({ _tag: "WorkerCrashed", signal: "SIGKILL", started: true, pid })
    expect(error.message).toContain('while it ran "nap"')
    await expectReplaced(pit, pid)
    expect(readFileSync(note, "utf8")).toBe(`${pid}\n`)
  })

  test("P3 a segmentation fault: the signal, and where Python was", async () => {
    const pit = await faulty(launch)
    const [pid = 0] = pids(pit)
    const error = await errorOf(pit.execute("segfault"))
    expect(error).toMatchObject({ _tag: "WorkerCrashed", signal: "SIGSEGV", started: true })
    expect(error.message).toMatch(
      /Fatal Python error: Segmentation fault[\s\S]*faulty\.py", line \d+ in segfault/,
    )
    expect(error.stderr).toContain("in segfault")
    await expectReplaced(pit, pid)
  })

  test("P5 a tool leaves by os._exit: an error with the code, never a result", async () => {
    const pit = await faulty(launch)
    const [pid = 0] = pids(pit)
    expect(await errorOf(pit.execute("leave"))).toMatchObject({
      _tag: "WorkerCrashed",
      exitCode: 0,
      started: true,
    })
    await expectReplaced(pit, pid)
    expect(await errorOf(pit.execute("leave", { code: 9 }))).toMatchObject({ exitCode: 9 })
  })

  test("P12 a grandchild holds stdout open: the worker's end counts, not that of its output", async () => {
    const pit = await faulty(launch)
    const stray = await pit.execute<number>("child", { own_group: true })
    onTestFinished(() => void (isAlive(stray) && process.kill(stray, "SIGKILL")))
    const [pid = 0] = pids(pit)
    const touch = join(await folder(), "begun")
    const call = errorOf(pit.execute("nap", { touch }))
    await until(() => existsSync(touch))
    process.kill(pid, "SIGKILL")
    expect(await call).toMatchObject({ _tag: "WorkerCrashed", signal: "SIGKILL" })
    await expectReplaced(pit, pid)
    expect(isAlive(stray)).toBe(true)
    await pit.close()
    expect(pit.workers()).toEqual([])
  })

  test("P13 what a worker has started ends with it", async () => {
    const pit = await faulty(launch)
    const child = await pit.execute<number>("child")
    const [pid = 0] = pids(pit)
    process.kill(pid, "SIGKILL")
    await gone(child)
    await expectReplaced(pit, pid)
    const second = await pit.execute<number>("child")
    expect(isAlive(second)).toBe(true)
    await pit.close()
    await gone(second)
  })

  test("P15 a C call holds the interpreter lock: its worker is killed, and no sibling notices", async () => {
    const pit = await faulty(launch, { size: 2, cancelGrace: 100 })
    const before = pids(pit)
    const touch = join(await folder(), "begun")
    const held = errorOf(pit.execute("hold", { ms: 600_000, touch }, { timeout: 200 }))
    await until(() => existsSync(touch))
    const terminated = pit.once("snakepit.worker.terminated")
    const siblings = await Promise.all(
      Array.from({ length: 100 }, (_, value) => pit.execute("echo", { value })),
    )
    expect(siblings).toEqual([...Array(100).keys()])
    expect(await held).toMatchObject({ _tag: "CallTimeout", started: true })
    const { pid } = (await terminated).metadata
    await pit.ready()
    await until(() => pit.stats().workers === 2)
    expect(pids(pit).filter((one) => before.includes(one))).toEqual(before.filter((one) => one !== pid))
  })

  test("P15 a C call holds the interpreter lock of a worker with threads: its other calls end soon, too", async () => {
    const threads = { size: 1, profile: "thread", threads: 4, cancelGrace: 100, crashBarrier: false } as const
    const pit = await faulty(launch, { ...threads, heartbeat: { interval: 50, timeout: 100, maxMissed: 2 } })
    const touch = join(await folder(), "begun")
    const held = errorOf(pit.execute("hold", { ms: 600_000, touch }, { timeout: 200 }))
    await until(() => existsSync(touch))
    const others = Promise.allSettled([...Array(20).keys()].map((value) => pit.execute("echo", { value })))
    await held
    // Many times what the call had with its grace, and heartbeats with their misses.
    expect(await Promise.race([others.then(() => "ended"), sleep(3000, "open")])).toBe("ended")
  })

  test("P17 a worker ignores SIGTERM: SIGKILL follows after the grace period", async () => {
    const pit = await faulty(launch)
    const touch = join(await folder(), "begun")
    const call = errorOf(pit.execute("ignore_sigterm", { touch }))
    await until(() => existsSync(touch))
    const [pid = 0] = pids(pit)
    const seen: unknown[] = []
    pit.on("snakepit.worker.terminated", ({ metadata }) => seen.push(metadata.signal))
    await pit.close({ grace: 200 })
    expect(isAlive(pid)).toBe(false)
    expect(await call).toMatchObject({ _tag: "PoolClosed" })
    expect(seen).toEqual(["SIGKILL"])
  })
})

describe("memory", () => {
  test("P4 runs out in Python: the tool's own error, and the worker lives on", async () => {
    const pit = await faulty("spawn")
    const before = pids(pit)
    expect(await errorOf(pit.execute("run_out_of_memory"))).toMatchObject({
      _tag: "ToolError",
      type: "MemoryError",
    })
    expect(await pit.execute("echo", { value: 1 })).toBe(1)
    expect(pids(pit)).toEqual(before)
  })

  /** A worker that is killed as the kernel does it: no word before, no way to refuse. */
  async function killedWhileItGrows(): Promise<AnyError> {
    const pit = await faulty("spawn", { heartbeat: { interval: 50 } })
    const touch = join(await folder(), "begun")
    const call = errorOf(pit.execute("grow", { mebibytes: 300, touch }))
    await until(() => existsSync(touch))
    await until(() => (pit.workers()[0]?.memoryBytes ?? 0) > 300 * 2 ** 20)
    process.kill(pids(pit)[0] ?? 0, "SIGKILL")
    return call
  }

  test("P4 runs out in the system: SIGKILL is named as possibly that", async () => {
    const error = await killedWhileItGrows()
    expect(error).toMatchObject({ _tag: "WorkerCrashed", signal: "SIGKILL", started: true })
    expect(error.message).toContain("possibly out of memory")
  })

  test("P4 runs out in the system: the last memory that was seen is told", async () => {
    expect((await killedWhileItGrows()).message).toMatch(/out of memory \(it had [3-9]\d\d MiB/)
  })
})

test("P10 a tool starts threads until none can be had: an error of that call alone", async () => {
  const pit = await faulty("spawn", { size: 2 })
  const before = pids(pit)
  const bomb = errorOf(pit.execute("thread_bomb"))
  const others = Array.from({ length: 50 }, (_, value) => pit.execute("echo", { value }))
  expect(await Promise.all(others)).toEqual([...Array(50).keys()])
  expect(await bomb).toMatchObject({ _tag: "ToolError", message: expect.stringMatching(/thread|memory/i) })
  expect(await pit.execute("echo", { value: "after" })).toBe("after")
  expect(pids(pit)).toEqual(before)
})
