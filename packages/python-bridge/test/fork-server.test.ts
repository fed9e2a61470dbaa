import { chmodSync, mkdirSync, readdirSync, rmSync, symlinkSync } from "node:fs"
import { connect } from "node:net"
import { join } from "node:path"
import { Snakepit } from "@snakepit/core"
import { python } from "@snakepit/python-bridge"
import { afterEach, describe, expect, onTestFinished, test, vi } from "vitest"
import { forkConfig, moduleFolder, parentOf, pidsOf, serverOf, startForked } from "./fork-helpers.js"
import { config, errorOf, folder, gone, isAlive, program, Records, until } from "./helpers.js"

afterEach(() => void vi.unstubAllEnvs())

/** The base folder for sockets is made in a folder of the test. */
async function privateRuntimeFolder(): Promise<string> {
  const path = await folder()
  vi.stubEnv("XDG_RUNTIME_DIR", path)
  return path
}

const ownFolder = `snakepit-${process.getuid?.()}`

describe("the fork server", () => {
  test("P18 [FS-8] is killed: workers live on, can be killed, and the next one has a new server", async () => {
    const pit = await startForked({ size: 2 })
    const server = serverOf(pit)
    const before = pidsOf(pit)
    process.kill(server, "SIGKILL")
    await gone(server)
    expect(before.filter(isAlive)).toEqual(before)
    expect(before).toContain(await pit.execute("pid"))
    const [first = 0, second = 0] = before
    const ended = pit.once("snakepit.worker.terminated")
    process.kill(first, "SIGKILL")
    // Nobody can tell how it ended.
    expect(await ended).toMatchObject({ metadata: { pid: first, exitCode: null, signal: null } })
    await until(() => pidsOf(pit).length === 2)
    const successor = pidsOf(pit).find((pid) => pid !== second) ?? 0
    expect(parentOf(successor)).not.toBe(server)
    expect(parentOf(successor)).not.toBe(process.pid)
    await pit.close({ grace: 0 })
    await Promise.all([second, successor].map(gone))
  })

  test("P18 a worker of a dead server that ignores the end is killed all the same", async () => {
    const pit = await Snakepit.start(config("stopping:Stopping", {}, { python: { launch: "fork" } }))
    onTestFinished(() => pit.close({ grace: 0 }))
    const server = serverOf(pit)
    const [pid = 0] = pidsOf(pit)
    process.kill(server, "SIGKILL")
    await gone(server)
    process.kill(pid, "SIGSTOP")
    await pit.close({ grace: 0 })
    await gone(pid)
  })

  test("P18 dies three times within ten seconds: workers are spawned from then on", async () => {
    const records = new Records()
    const pit = await startForked(
      { size: 1 },
      { logger: records.logger, python: { launch: "auto", preload: ["json"] } },
    )
    const fallback = pit.once("snakepit.launch.fallback")
    for (let death = 1; death <= 3; death += 1) {
      const [pid = 0] = pidsOf(pit)
      const server = serverOf(pit)
      process.kill(server, "SIGKILL")
      await gone(server)
      process.kill(pid, "SIGKILL")
      await until(() => pidsOf(pit).some((successor) => successor !== pid))
    }
    expect(await fallback).toMatchObject({ metadata: { reason: expect.stringContaining("3 times") } })
    expect(serverOf(pit)).toBe(process.pid)
    expect(await records.saying("fork server")).toMatchObject({ level: "warn", source: "snakepit" })
  })

  test("[FS-8] hangs: the start fails in time, nothing is left, and the next server is another one", async () => {
    const pit = await startForked({ size: 1, startTimeout: 1500 })
    const server = serverOf(pit)
    const failed = pit.once("snakepit.worker.start_failed")
    process.kill(server, "SIGSTOP")
    process.kill(pidsOf(pit)[0] ?? 0, "SIGKILL")
    expect(await failed).toMatchObject({ metadata: { error: expect.stringContaining("startTimeout") } })
    await gone(server)
    await until(() => pidsOf(pit).length === 1)
    expect(serverOf(pit)).not.toBe(server)
  })

  test("is not to be had twice in one pool, however many workers start at once", async () => {
    const pit = await startForked({ size: 12, startConcurrency: 12 })
    expect(new Set(pidsOf(pit).map(parentOf)).size).toBe(1)
  })

  test.each(["idle", "busy"])("H1 dies with a host that is killed, and its %s workers", async (state) => {
    const running = program(`
      const forked = { ...config, adapter: python({ adapter: "basic:Basic", launch: "fork",
        cwd: ${JSON.stringify(join(import.meta.dirname, "adapters"))} }) }
      const pit = await Snakepit.start(forked)
      console.log(JSON.stringify([...pit.workers().map((w) => w.pid), await pit.execute("child")]))
      ${state === "busy" ? 'pit.execute("nap"); pit.execute("nap")' : ""}
    `)
    const pids: number[] = JSON.parse(await running.line())
    const all = [...pids, parentOf(pids[0] ?? 0)]
    expect(all.filter(isAlive)).toEqual(all)
    running.kill("SIGKILL")
    await running.exit
    await Promise.all(all.map(gone))
  })

  test("forks on when its socket is gone", async () => {
    const runtime = await privateRuntimeFolder()
    const pit = await startForked({ size: 1 })
    const server = serverOf(pit)
    rmSync(join(runtime, ownFolder), { recursive: true })
    const [pid = 0] = pidsOf(pit)
    process.kill(pid, "SIGKILL")
    await until(() => pidsOf(pit).some((successor) => successor !== pid))
    expect(serverOf(pit)).toBe(server)
  })

  test("leaves no socket and no folder behind", async () => {
    const runtime = await privateRuntimeFolder()
    const sockets = () => readdirSync(join(runtime, ownFolder)).filter((name) => name.includes("fork"))
    const pit = await startForked()
    expect(sockets()).toHaveLength(1)
    await pit.close()
    expect(sockets()).toEqual([])
  })
})

describe("a preload", () => {
  const threads =
    "import threading, time\nthreading.Thread(target=time.sleep, args=(600,), daemon=True, name='mine').start()\n"

  test("[FS-2] that starts threads fails the start, and says which module it was", async () => {
    const path = await moduleFolder("starts_thread", threads)
    const python = { preload: ["json", "starts_thread"], env: { PYTHONPATH: path } }
    const error = await errorOf(Snakepit.start(forkConfig({}, { python })))
    expect(error).toMatchObject({ _tag: "StartFailed", reason: "launch" })
    expect(error.message).toContain("the import of 'starts_thread' started a thread ('mine')")
    expect(error.message).toContain("preload")
  })

  test("[FS-2] that starts threads makes `auto` spawn, with a warning and an event", async () => {
    const path = await moduleFolder("starts_thread", threads)
    const records = new Records()
    const python = { launch: "auto", preload: ["starts_thread"], env: { PYTHONPATH: path } } as const
    const pit = await startForked({ size: 2 }, { python, logger: records.logger })
    expect(serverOf(pit)).toBe(process.pid)
    expect(await records.saying("starts_thread")).toMatchObject({ level: "warn", source: "snakepit" })
    expect(records.all.filter(({ message }) => message.includes("starts_thread"))).toHaveLength(1)
  })

  test.each(["auto", "fork"] as const)(
    "that cannot be imported fails `%s`, with the traceback",
    async (launch) => {
      const path = await moduleFolder(
        "breaks",
        "def inner():\n    raise ValueError('no such luck')\ninner()\n",
      )
      const python = { launch, preload: ["breaks"], env: { PYTHONPATH: path } }
      const error = await errorOf(Snakepit.start(forkConfig({ size: 3 }, { python })))
      expect(error).toMatchObject({ _tag: "StartFailed", reason: "launch" })
      expect(error.message).toContain("ValueError: no such luck")
      expect(error.message).toContain("breaks.py")
    },
  )

  test("[FS-8] that takes too long fails the start, which says so", async () => {
    const source = "import sys, time\nprint('loading', file=sys.stderr, flush=True)\ntime.sleep(600)\n"
    const python = { preload: ["slow_one"], env: { PYTHONPATH: await moduleFolder("slow_one", source) } }
    const error = await errorOf(Snakepit.start(forkConfig({ size: 2, startTimeout: 3000 }, { python })))
    expect(error).toMatchObject({ _tag: "StartFailed", reason: "timeout" })
    expect(error.message).toContain("(startTimeout): the fork server was still loading slow_one. ")
    expect(error.message).toMatch(/loading$/)
  })

  test("that does not exist fails the start", async () => {
    const error = await errorOf(Snakepit.start(forkConfig({}, { python: { preload: ["no_such_module"] } })))
    expect(error.message).toContain("No module named 'no_such_module'")
  })

  test.each([
    { preload: ["../os"] },
    { preload: ["os:system"] },
    { preload: ["grpc"] },
    { preload: "numpy" },
    { launch: "thread" },
    { launch: "spawn", preload: ["numpy"] },
    { launch: "fork", channel: "stdio" },
  ])("that cannot be one is refused: %j", (options) => {
    expect(() => python(options as Parameters<typeof python>[0])).toThrow(
      expect.objectContaining({ _tag: "InvalidConfig" }),
    )
  })
})

describe("S6 a socket folder", () => {
  test.each(["a symbolic link", "open to others"])(
    "that is %s is refused, and `auto` spawns",
    async (kind) => {
      const runtime = await privateRuntimeFolder()
      const path = join(runtime, ownFolder)
      if (kind === "a symbolic link") symlinkSync(await folder(), path)
      else {
        mkdirSync(path)
        chmodSync(path, 0o755)
      }
      const error = await errorOf(Snakepit.start(forkConfig()))
      expect(error).toMatchObject({ _tag: "StartFailed", reason: "launch" })
      expect(error.message).toContain(path)
      const pit = await startForked({}, { python: { launch: "auto", preload: ["json"] } })
      expect(serverOf(pit)).toBe(process.pid)
    },
  )
})

test("S1 a stranger at the socket is turned away, and that is logged", async () => {
  const runtime = await privateRuntimeFolder()
  const records = new Records()
  const pit = await startForked({}, { logger: records.logger })
  const base = join(runtime, ownFolder)
  const place =
    readdirSync(base, { recursive: true })
      .map(String)
      .find((name) => name.endsWith("door")) ?? ""
  const stranger = connect(join(base, place))
  const closed = new Promise((resolve) => stranger.once("close", resolve))
  stranger.on("error", () => {})
  stranger.write(`${JSON.stringify({ token: "1.guess", role: "channel" })}\n`)
  await closed
  expect(await records.saying("refused")).toMatchObject({ level: "warn", source: "snakepit" })
  expect(await pit.execute("pid")).toBe(pidsOf(pit)[0])
})
