import { randomUUID } from "node:crypto"
import { existsSync } from "node:fs"
import { join } from "node:path"
import { Snakepit } from "@snakepit/core"
import { describe, expect, onTestFinished, test } from "vitest"
import { type HostProgram, hostProgram } from "../src/host-program.js"
import { gone, isAlive, processesWith, until } from "../src/processes.js"
import { launches } from "../src/workers.js"
import { config, folder, pids, start } from "./support/pit.js"

interface Host extends HostProgram {
  /** Resolves when no process is left that the host, or a worker of its, has started. */
  readonly gone: () => Promise<void>
}

/** A program that is killed with the test, and whose every process can be found. */
function host(source: string, env: NodeJS.ProcessEnv = {}): Host {
  const run = randomUUID()
  const program = hostProgram(source, { ...env, SNAKEPIT_HOST_RUN: run })
  onTestFinished(() => program.kill("SIGKILL"))
  return { ...program, gone: () => until(() => processesWith(`SNAKEPIT_HOST_RUN=${run}`).length === 0) }
}

describe.each(launches)("launched by %s,", (launch) => {
  test("H2 SIGTERM: the host lets its calls end, then ends its workers, and itself by that signal", async () => {
    const touch = join(await folder(), "begun")
    const running = host(
      `await Snakepit.run(config, async (pit) => {
         const call = pit.execute("nap", { seconds: 0.5, touch: process.env.TOUCH })
         await pit.execute("child")
         say(await call)
         await sleep(600_000)
       })`,
      { LAUNCH: launch, TOUCH: touch },
    )
    await until(() => existsSync(touch))
    running.kill("SIGTERM")
    expect(await running.line()).toBe('"awake"')
    expect(await running.exit).toMatchObject({ signal: "SIGTERM" })
    await running.gone()
  })

  /** Runs `end` while a worker is busy and has a child. */
  async function ended(end: string, exit: object): Promise<void> {
    const running = host(
      `const pit = await Snakepit.start(config)
       await pit.execute("child")
       pit.execute("spin", { touch: process.env.TOUCH }).catch(() => {})
       await there(process.env.TOUCH)
       say("up")
       ${end}
       await sleep(600_000)`,
      { LAUNCH: launch, TOUCH: join(await folder(), "begun") },
    )
    expect(await running.line()).toBe('"up"')
    expect(await running.exit).toMatchObject(exit)
    await running.gone()
  }

  test("H3 an exception that nobody catches: no process is left", async () => {
    await ended('setTimeout(() => { throw new Error("mine") }, 0)', { code: 1 })
  })

  test("H3 a rejection that nobody handles: no process is left", async () => {
    await ended('void Promise.reject(new Error("mine"))', { code: 1 })
  })

  test("H4 process.exit() in a handler that a tool has called: no process is left", async () => {
    await ended('pit.tools.register("bye", () => process.exit(7)); await pit.execute("call_back")', {
      code: 7,
    })
  })

  test("H5 abort(): no process is left", async () => {
    await ended("process.abort()", { signal: "SIGABRT" })
  })
})

const quick = "{ interval: 50, timeout: 100, maxMissed: 2 }"

describe("time:", () => {
  test("H6 the clock jumps by days, forth and back: no worker is killed, no call times out", async () => {
    const running = host(`
      const pit = await Snakepit.start({ ...config, pool: { size: 2, heartbeat: ${quick}, recycle: { ttl: "1 hour" } } })
      const pids = () => pit.workers().map(({ pid }) => pid).join()
      const before = pids()
      const real = Date.now
      const call = pit.execute("nap", { seconds: 1 }, { timeout: 5000, session: "one" })
      for (const days of [30, -30]) {
        Date.now = () => real() + days * 86_400_000
        await sleep(400)
      }
      say([await call, before === pids(), pit.stats().crashes])
      await pit.close()
    `)
    expect(await running.line()).toBe('["awake",true,0]')
    expect(await running.exit).toMatchObject({ code: 0 })
  })

  test("H6 the host sleeps for longer than heartbeats allow: its workers are asked once more, and live", async () => {
    const running = host(`
      const pit = await Snakepit.start({ ...config, pool: { size: 2, heartbeat: ${quick} } })
      const pids = () => pit.workers().map(({ pid }) => pid).join()
      const before = pids()
      const killed = []
      pit.on("snakepit.worker.health_check_failed", ({ metadata }) => killed.push(metadata.action))
      const woken = new Promise((resolve) => process.once("SIGCONT", resolve))
      const awake = setInterval(() => {}, 1000)
      say("sleep")
      await woken
      await sleep(500)
      say([before === pids(), pit.stats().crashes, killed.includes("killed")])
      clearInterval(awake)
      await pit.close()
    `)
    expect(await running.line()).toBe('"sleep"')
    running.kill("SIGSTOP")
    // Three times what a worker would be allowed.
    await new Promise((resolve) => setTimeout(resolve, 1000))
    running.kill("SIGCONT")
    expect(await running.line()).toBe("[true,0,false]")
    expect(await running.exit).toMatchObject({ code: 0 })
  })

  test("H7 the event loop of the host is blocked: its own delay is not held against a worker", async () => {
    const pit = await start("hosted:Hosted", {
      size: 2,
      heartbeat: { interval: 50, timeout: 100, maxMissed: 1 },
    })
    const before = pids(pit)
    const killed: unknown[] = []
    pit.on("snakepit.worker.health_check_failed", ({ metadata }) => {
      if (metadata.action === "killed") killed.push(metadata)
    })
    for (let round = 0; round < 5; round += 1) {
      const end = performance.now() + 300
      while (performance.now() < end);
      expect(await pit.execute("echo", { value: round })).toBe(round)
    }
    expect(killed).toEqual([])
    expect(pids(pit)).toEqual(before)
  })
})

describe("H10 close", () => {
  test("twice at the same time, and later: each resolves, nothing is left", async () => {
    const pit = await Snakepit.start(config("hosted:Hosted", { size: 2 }))
    const up = pids(pit)
    const child = await pit.execute<number>("child")
    await Promise.all([pit.close(), pit.close({ grace: 0 }), pit.close()])
    expect([...up].filter(isAlive)).toEqual([])
    await gone(child)
    await pit.close()
    expect(pit.workers()).toEqual([])
  })

  test("while calls are made: each of them ends", async () => {
    const pit = await Snakepit.start(config("hosted:Hosted", { size: 2 }))
    const calls = Array.from({ length: 200 }, (_, value) =>
      pit.execute("echo", { value }).then(
        () => "value",
        (error: Error) => error.name,
      ),
    )
    const closing = [pit.close({ grace: 0 }), pit.close({ grace: 0 })]
    calls.push(pit.execute("echo").then(String, (error: Error) => error.name))
    expect((await Promise.all(calls)).filter((end) => end !== "value" && end !== "PoolClosed")).toEqual([])
    await Promise.all(closing)
    expect(pit.workers()).toEqual([])
  })
})
