import { existsSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, test } from "vitest"
import { errorOf } from "../src/outcomes.js"
import { gone, isAlive, memoryOf, stateOf, until } from "../src/processes.js"
import { launches } from "../src/workers.js"
import { folder, pids, start } from "./support/pit.js"

const quick = { interval: 100, timeout: 200, maxMissed: 2 }

describe.each(launches)("launched by %s,", (launch) => {
  const options = { python: { launch } }

  test("P2 an idle worker is stopped: it misses its heartbeats, and gets SIGKILL", async () => {
    const pit = await start("faulty:Faulty", { heartbeat: quick }, options)
    const [pid = 0] = pids(pit)
    const terminated = pit.once("snakepit.worker.terminated")
    const actions: unknown[] = []
    pit.on("snakepit.worker.health_check_failed", ({ metadata }) => actions.push(metadata.action))
    process.kill(pid, "SIGSTOP")
    expect((await terminated).metadata).toMatchObject({ pid, expected: false, signal: "SIGKILL" })
    expect(actions.at(-1)).toBe("killed")
    await gone(pid)
    expect(await pit.execute("pid")).not.toBe(pid)
  })

  test("P2 a worker stops itself in a call: SIGKILL, and the call has its error", async () => {
    const pit = await start("faulty:Faulty", { heartbeat: quick }, options)
    const [pid = 0] = pids(pit)
    const error = await errorOf(pit.execute("stop"))
    expect(error).toMatchObject({ _tag: "WorkerCrashed", signal: "SIGKILL", started: true, pid })
    expect(error.message).toContain("stopped")
    expect(await pit.execute("pid")).not.toBe(pid)
  })

  test("P23 the interpreter lock is held for three times what heartbeats allow: the call succeeds", async () => {
    const pit = await start("faulty:Faulty", { heartbeat: quick }, options)
    const before = pids(pit)
    const missed: unknown[] = []
    pit.on("snakepit.worker.health_check_failed", ({ metadata }) => missed.push(metadata.action))
    expect(await pit.execute("hold", { ms: 3 * 2 * 300 })).toBe("released")
    expect(missed.length).toBeGreaterThan(0)
    expect(missed).not.toContain("killed")
    expect(await pit.execute("echo", { value: 1 })).toBe(1)
    expect(pids(pit)).toEqual(before)
  })

  test("P16 a tool leaks: its worker is replaced once its calls have ended, and none fails", async () => {
    const pit = await start(
      "faulty:Faulty",
      { recycle: { maxMemoryMb: 250, checkInterval: 100, jitter: 0 } },
      options,
    )
    const [pid = 0] = pids(pit)
    const recycled = pit.once("snakepit.worker.recycled")
    await pit.execute("grow", { mebibytes: 300 })
    const touch = join(await folder(), "begun")
    const running = pit.execute("nap", { touch, seconds: 0.5 })
    const behind = [...Array(50).keys()].map((value) => pit.execute("echo", { value }))
    await until(() => existsSync(touch))
    expect((await recycled).metadata).toMatchObject({ pid, reason: "memory" })
    expect(await running).toBe("awake")
    expect(await Promise.all(behind)).toEqual([...Array(50).keys()])
    await gone(pid)
    const [successor = 0] = pids(pit)
    expect(successor).not.toBe(pid)
    expect(memoryOf(successor)).toBeLessThan(250 * 2 ** 20)
    expect(pit.stats()).toMatchObject({ errors: 0, crashes: 0 })
  })

  test("P11 a child is a zombie: it holds up neither calls nor the end of its worker", async () => {
    const pit = await start("faulty:Faulty", {}, options)
    const zombie = await pit.execute<number>("zombie")
    expect(stateOf(zombie)).toBe("Z")
    expect(isAlive(zombie)).toBe(false)
    expect(await pit.execute("echo", { value: 1 })).toBe(1)
    await pit.close()
    expect(pit.workers()).toEqual([])
  })
})
