import { existsSync } from "node:fs"
import { join } from "node:path"
import { Snakepit } from "@snakepit/core"
import { describe, expect, test } from "vitest"
import { config, errorOf, folder, gone, isAlive, type Program, program, start, until } from "./helpers.js"

/** The pids that a program prints. */
async function pidsOf(running: Program): Promise<number[]> {
  const pids: number[] = JSON.parse(await running.line())
  expect(pids.length).toBeGreaterThan(0)
  return pids
}

const ended = { code: 0, signal: null, stderr: "" }

describe("a program", () => {
  test("that never closes ends by itself, and its workers with it", async () => {
    const running = program(`
      const pit = await Snakepit.start(config)
      pids(pit)
      console.log(await pit.execute("echo", { value: "hello" }))
    `)
    const pids = await pidsOf(running)
    expect(await running.line()).toBe("hello")
    expect(await running.exit).toEqual(ended)
    await Promise.all(pids.map(gone))
  })

  test("does not end in the middle of a call, a stream, a start or a close", async () => {
    const running = program(`
      const pit = await Snakepit.start({ ...config, waitFor: "first" })
      await pit.execute("nap", { seconds: 0.3 })
      for await (const chunk of pit.stream("count", { n: 3 })) await null
      await pit.ready()
      pit.execute("nap", { seconds: 0.3 }).then(() => console.log("settled"))
      await pit.close({ grace: "10 seconds" })
      console.log("closed")
    `)
    expect([await running.line(), await running.line()]).toEqual(["settled", "closed"])
    expect(await running.exit).toEqual(ended)
  })

  test("that throws or calls process.exit leaves no worker and no child of one", async () => {
    for (const end of ['throw new Error("mine")', "process.exit(7)"]) {
      const running = program(`
        const pit = await Snakepit.start(config)
        console.log(JSON.stringify([...pit.workers().map((w) => w.pid), await pit.execute("child")]))
        ${end}
      `)
      const pids = await pidsOf(running)
      expect((await running.exit).code).toBe(end.startsWith("throw") ? 1 : 7)
      await Promise.all(pids.map(gone))
    }
  })

  test("killed by SIGKILL takes busy workers and their children along", async () => {
    const running = program(`
      const pit = await Snakepit.start(config)
      console.log(JSON.stringify([...pit.workers().map((w) => w.pid), await pit.execute("child")]))
      await pit.execute("nap")
    `)
    const pids = await pidsOf(running)
    expect(pids.filter(isAlive)).toEqual(pids)
    running.kill("SIGKILL")
    expect((await running.exit).signal).toBe("SIGKILL")
    await Promise.all(pids.map(gone))
  })

  test.each(["SIGTERM", "SIGINT"] as const)(
    "in Snakepit.run closes on %s, and ends by that signal",
    async (signal) => {
      const begun = join(await folder(), "begun")
      const running = program(`
        await Snakepit.run(config, async (pit) => {
          pids(pit)
          await pit.execute("nap", { touch: ${JSON.stringify(begun)} }).catch((error) => console.log(error._tag))
          await new Promise(() => setInterval(() => {}, 1000))
        })
      `)
      const pids = await pidsOf(running)
      await until(() => existsSync(begun))
      running.kill(signal)
      // The open call gets the grace, then it is ended.
      expect(await running.line()).toBe("PoolClosed")
      expect(await running.exit).toEqual({ code: null, signal, stderr: "" })
      await Promise.all(pids.map(gone))
    },
  )

  test("gets what its work in Snakepit.run gives, or throws", async () => {
    const running = program(`
      console.log(await Snakepit.run(config, (pit) => pit.execute("echo", { value: "given" })))
      await Snakepit.run(config, (pit) => { pids(pit); throw new Error("mine") }).catch((error) => console.log(error.message))
    `)
    expect(await running.line()).toBe("given")
    const pids = JSON.parse(await running.line()) as number[]
    expect(await running.line()).toBe("mine")
    expect(pids.filter(isAlive)).toEqual([])
    expect(await running.exit).toEqual(ended)
  })
})

describe("close", () => {
  test("lets open calls end within the grace, and takes no new ones", async () => {
    const pit = await Snakepit.start(config("basic:Basic", { size: 2 }))
    const pids = pit.workers().map((worker) => worker.pid as number)
    const opened = Array.from({ length: 20 }, (_, value) => pit.execute("echo", { value }))
    opened.push(pit.execute("nap", { seconds: 0.2 }))
    const closing = pit.close({ grace: "20 seconds" })
    expect(await errorOf(pit.execute("pid"))).toMatchObject({ _tag: "PoolClosed", pool: "default" })
    expect(await errorOf(pit.stream("count", { n: 1 }).next())).toMatchObject({ _tag: "PoolClosed" })
    await closing
    expect(await Promise.all(opened)).toEqual([...Array(20).keys(), "awake"])
    expect(pids.filter(isAlive)).toEqual([])
    expect(await errorOf(pit.execute("pid"))).toMatchObject({ _tag: "PoolClosed" })
    expect(pit.workers()).toEqual([])
  })

  test("settles every call when the grace is over, queued ones and streams too", async () => {
    const begun = join(await folder(), "begun")
    const pit = await Snakepit.start(config("basic:Basic"))
    const pids = pit.workers().map((worker) => worker.pid as number)
    const calls = [pit.execute("nap", { touch: begun })]
    await until(() => existsSync(begun))
    for (let i = 0; i < 50; i += 1) calls.push(pit.execute("pid"), pit.stream("count", { n: 5 }).next())
    const errors = calls.map(errorOf)
    await pit.close({ grace: 100 })
    for (const error of await Promise.all(errors)) expect(error).toMatchObject({ _tag: "PoolClosed" })
    expect(pids.filter(isAlive)).toEqual([])
  })

  test("may be called again, at the same time and later", async () => {
    const pit = await Snakepit.start(config("basic:Basic"))
    await Promise.all([pit.close(), pit.close()])
    await pit.close()
    expect(pit.workers()).toEqual([])
  })

  test("is what leaving a scope with `await using` does", async () => {
    let pids: number[] = []
    {
      await using pit = await Snakepit.start(config("basic:Basic", { size: 2 }))
      pids = pit.workers().map((worker) => worker.pid as number)
      expect(pids.filter(isAlive)).toEqual(pids)
    }
    expect(pids.filter(isAlive)).toEqual([])
  })

  test("also ends workers that are just being started", async () => {
    const pit = await Snakepit.start(config("basic:Basic", { size: 3 }, { waitFor: "first" }))
    await pit.close()
    expect(pit.workers()).toEqual([])
  })
})

test("a worker that dies is replaced, and the program goes on", async () => {
  const pit = await start("basic:Basic")
  const terminated = new Promise((resolve) => pit.on("snakepit.worker.terminated", resolve))
  const pid = await pit.execute<number>("pid")
  process.kill(pid, "SIGKILL")
  expect(await terminated).toMatchObject({
    metadata: { pid, expected: false, exitCode: null, signal: "SIGKILL" },
    measurements: { requests: 1 },
  })
  const successor = await pit.execute<number>("pid")
  expect(successor).not.toBe(pid)
  expect(isAlive(successor)).toBe(true)
  expect(pit.stats().crashes).toBe(1)
})
