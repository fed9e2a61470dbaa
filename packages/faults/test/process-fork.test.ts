import { existsSync } from "node:fs"
import { join } from "node:path"
import type { PoolConfig, Snakepit } from "@snakepit/core"
import { describe, expect, test } from "vitest"
import { commandLineOf, gone, isAlive, parentOf, until } from "../src/processes.js"
import { full } from "../src/scale.js"
import { launches } from "../src/workers.js"
import { folder, pids, start } from "./support/pit.js"

describe("the fork server", () => {
  /** Two forked workers, and the process they were forked from. */
  async function forked(pool: PoolConfig = {}): Promise<{ pit: Snakepit; server: number }> {
    const pit = await start("faulty:Faulty", { size: 2, ...pool }, { python: { launch: "fork" } })
    const server = await pit.execute<number>("parent")
    expect(server).not.toBe(process.pid)
    expect(commandLineOf(server)).toContain("snakepit_bridge")
    expect(isAlive(server)).toBe(true)
    return { pit, server }
  }

  test("P18 dies: what runs goes on and ends as it would have", async () => {
    const { pit, server } = await forked()
    const before = pids(pit)
    const touch = join(await folder(), "begun")
    const call = pit.execute("nap", { touch, seconds: 1 })
    await until(() => existsSync(touch))
    process.kill(server, "SIGKILL")
    await gone(server)
    expect(await call).toBe("awake")
    expect(await pit.execute("echo", { value: 1 })).toBe(1)
    expect(pids(pit)).toEqual(before)
    expect(pit.stats()).toMatchObject({ crashes: 0 })
  })

  test("P18 dies: a worker that ends later is replaced all the same", async () => {
    const { pit, server } = await forked()
    process.kill(server, "SIGKILL")
    await gone(server)
    const initialized = pit.once("snakepit.worker.initialized")
    const [first = 0] = pids(pit)
    process.kill(first, "SIGKILL")
    const { pid } = (await initialized).metadata
    await until(() => pit.stats().workers === 2)
    expect(pids(pit)).toContain(pid)
    expect(pids(pit)).not.toContain(first)
    const answers = await Promise.all([...Array(50).keys()].map((value) => pit.execute("echo", { value })))
    expect(answers).toEqual([...Array(50).keys()])
    await pit.close()
    expect([...pids(pit), pid ?? 0].filter(isAlive)).toEqual([])
  })

  test("P18 hangs: workers that run serve on, and one that ends is replaced all the same", async () => {
    const { pit, server } = await forked({ startTimeout: 2000 })
    process.kill(server, "SIGSTOP")
    const [first = 0] = pids(pit)
    process.kill(first, "SIGKILL")
    await until(() => !pids(pit).includes(first))
    expect(isAlive(first)).toBe(false)
    expect(await pit.execute("echo", { value: 1 })).toBe(1)
    await until(() => pids(pit).length === 2)
    expect(await Promise.all([1, 2, 3].map((value) => pit.execute("echo", { value })))).toEqual([1, 2, 3])
    await pit.close()
    await gone(server)
  })

  test.runIf(full)(
    "P18 dies again and again: it is given up for ten seconds, and then comes back",
    async () => {
      const { pit } = await forked({ restart: { maxDelay: 200 } })
      const failed = pit.once("snakepit.worker.start_failed")
      let refused = false
      void failed.then(() => {
        refused = true
      })
      while (!refused) {
        const up = pids(pit)
        for (const pid of new Set(up.map(parentOf)))
          if (commandLineOf(pid).includes("snakepit_bridge")) process.kill(pid, "SIGKILL")
        for (const pid of up) process.kill(pid, "SIGKILL")
        await until(() => refused || (pids(pit).length === 2 && !pids(pit).some((pid) => up.includes(pid))))
      }
      expect((await failed).metadata.error).toContain("no fork server: it ended 3 times")
      await until(() => pit.stats().workers === 2)
      expect(await pit.execute("echo", { value: 1 })).toBe(1)
    },
  )

  test("P18 is stopped with its workers when the pool is closed", async () => {
    const { pit, server } = await forked()
    await pit.close()
    expect(isAlive(server)).toBe(false)
  })
})

describe.each(launches)("launched by %s,", (launch) => {
  test("P19 a tool forks and both sides return: one answer, of the worker itself", async () => {
    const pit = await start("faulty:Faulty", {}, { python: { launch } })
    const before = pids(pit)
    for (let round = 0; round < 5; round += 1)
      expect(await pit.execute<number>("fork_and_return")).toBeGreaterThan(1)
    const answers = await Promise.all([...Array(50).keys()].map((value) => pit.execute("echo", { value })))
    expect(answers).toEqual([...Array(50).keys()])
    expect(pids(pit)).toEqual(before)
    expect(pit.workers()).toMatchObject([{ droppedFrames: 0 }])
  })

  test.each(["fork", "spawn", "forkserver"])("P19 multiprocessing by %s works in a tool", async (method) => {
    const pit = await start("faulty:Faulty", {}, { python: { launch } })
    const squares = [...Array(10).keys()].map((number) => number ** 2)
    expect(await pit.execute("multiply", { method, n: 10 })).toEqual(squares)
    expect(pit.stats()).toMatchObject({ crashes: 0 })
  })
})
