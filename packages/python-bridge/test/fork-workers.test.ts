import { type LogRecord, Snakepit } from "@snakepit/core"
import { grpc } from "@snakepit/transport-grpc"
import { json } from "@snakepit/transport-json"
import { msgpack } from "@snakepit/transport-msgpack"
import { describe, expect, onTestFinished, test } from "vitest"
import { forkConfig, moduleFolder, openIn, pidsOf, serverOf, startForked } from "./fork-helpers.js"
import { adapters, collect, config, gone, isAlive, Records } from "./helpers.js"

const double = { double: ({ value }: { readonly value?: unknown }) => Number(value) * 2 }

describe.each([
  ["json", json],
  ["msgpack", msgpack],
  ["grpc", grpc],
])("a forked worker over %s", (name, transport) => {
  test("serves calls, streams and callbacks", async () => {
    const pit = await startForked({ size: 2 }, { transports: [transport()] })
    pit.tools.register("double", double.double)
    expect(pit.workers().map((worker) => worker.transport)).toEqual([name, name])
    const values = [...Array(20).keys()]
    expect(await Promise.all(values.map((value) => pit.execute("ask", { value })))).toEqual(
      values.map((value) => value * 2),
    )
    const chunks = await collect(pit.stream<number>("count", { n: 100 }))
    expect(chunks.filter((chunk) => !chunk.isFinal).map(({ data }) => data)).toEqual([...Array(100).keys()])
  })
})

describe("a forked worker", () => {
  test("[FS-1] [FS-3] leads a group of its own, all of them forked by one process", async () => {
    const pit = await startForked({ size: 3 }, { python: { preload: ["fractions"] } })
    const server = serverOf(pit)
    expect(server).not.toBe(process.pid)
    expect(new Set(pidsOf(pit)).size).toBe(3)
    expect(await pit.execute("parent")).toBe(server)
    expect(await pit.execute("loaded", { module: "fractions" })).toBe(true)
    expect(await pit.execute("loaded", { module: "grpc" })).toBe(false)
  })

  test("[FS-4] prints to outputs of its own", async () => {
    const records = new Records()
    const pit = await startForked({ size: 2 }, { logger: records.logger })
    const said = ({ source, workerId, message }: LogRecord) => `${source} ${workerId} ${message}`
    for (const text of ["a", "b", "c", "d"]) await pit.execute("say", { text })
    for (const text of ["a", "b", "c", "d"]) {
      const out = await records.first(({ source, message }) => source === "stdout" && message === text)
      const err = await records.first(({ source, message }) => source === "stderr" && message === text)
      expect(said(out)).toBe(`stdout ${err.workerId} ${text}`)
      expect(out.tool).toBe("say")
    }
  })

  test("[FS-3] has the directory, arguments and environment of one that was spawned", async () => {
    const env = { FORK_TEST: "here" }
    const python = { env, args: ["--size", "3"], cwd: adapters }
    const forked = await startForked({}, { python })
    const spawned = await Snakepit.start(
      config("forked:Forked", {}, { python: { ...python, launch: "spawn" } }),
    )
    onTestFinished(() => spawned.close({ grace: 0 }))
    const about = async (pit: Snakepit) => {
      const { environment, ...rest } = await pit.execute<{ environment: object }>("surroundings")
      return { ...rest, environment: { ...environment, SNAKEPIT_NONCE: "" } }
    }
    expect(await about(forked)).toEqual(await about(spawned))
  })

  test("[FS-5] has nothing open that the fork server has", async () => {
    const path = await moduleFolder("opens_socket", "import socket\nkept = socket.socket()\n")
    const python = { preload: ["opens_socket"], env: { PYTHONPATH: path } }
    const pit = await startForked({ size: 2 }, { python })
    const [one, other] = pidsOf(pit).map(openIn)
    const shared = new Set(openIn(serverOf(pit)))
    expect([...shared].some((place) => place.startsWith("socket:"))).toBe(true)
    expect(one?.filter((place) => shared.has(place))).toEqual([])
    expect(one?.filter((place) => other?.includes(place))).toEqual([])
  })

  test("[FS-5] has no signal handler and no blocked signal of the fork server", async () => {
    const pit = await startForked()
    expect(await pit.execute("signals")).toEqual({ blocked: [], child: true })
  })

  test("[FS-6] draws other random numbers than its siblings", async () => {
    const pit = await startForked({ size: 3 }, { python: { preload: ["numpy", "random"] } })
    const calls = Array.from({ length: 3 }, () => pit.execute<{ pid: number; draws: number[] }>("chance"))
    const answers = await Promise.all(calls)
    expect(new Set(answers.map(({ pid }) => pid)).size).toBe(3)
    expect(new Set(answers.flatMap(({ draws }) => draws)).size).toBe(6)
  })

  test.each([0, 3])("[FS-7] is reported with its exit code %i", async (code) => {
    const pit = await startForked()
    const pid = await pit.execute<number>("pid")
    const ended = pit.once("snakepit.worker.terminated")
    const call = pit.execute("leave", { code })
    await expect(call).rejects.toMatchObject({ _tag: "WorkerCrashed", exitCode: code, pid })
    expect(await ended).toMatchObject({ metadata: { exitCode: code, signal: null, pid } })
  })

  test.each(["SIGKILL", "SIGSEGV"] as const)("[FS-7] is reported with the signal %s", async (signal) => {
    const pit = await startForked()
    const pid = await pit.execute<number>("pid")
    const ended = pit.once("snakepit.worker.terminated")
    process.kill(pid, signal)
    expect(await ended).toMatchObject({ metadata: { exitCode: null, signal, pid } })
    expect(await pit.execute("pid")).not.toBe(pid)
  })

  test("[FS-9] ends with the pool, and the fork server with it", async () => {
    const pit = await Snakepit.start(forkConfig({ size: 3 }))
    const all = [serverOf(pit), ...pidsOf(pit)]
    expect(all.filter(isAlive)).toEqual(all)
    await pit.close()
    await Promise.all(all.map(gone))
  })
})

describe("P19 in a forked worker", () => {
  test.each(["fork_and_return", "fork_in_coroutine", "fork_in_thread"])(
    "both sides return: %s",
    async (tool) => {
      const pit = await startFork("processes:Processes")
      const pid = await pit.execute<number>("pid")
      const child = await pit.execute<number>(tool)
      expect(await pit.execute("reap", { pid: child })).toBe(0)
      const values = [...Array(50).keys()]
      expect(await Promise.all(values.map((value) => pit.execute("echo", { value })))).toEqual(values)
      expect(await pit.execute("pid")).toBe(pid)
    },
  )

  test.each(["fork", "spawn", "forkserver"])("multiprocessing starts by %s", async (method) => {
    const pit = await startFork("processes:Processes")
    expect(await pit.execute("pool", { method, n: 5 })).toEqual([0, 1, 4, 9, 16])
    expect(await pit.execute("executor", { method, n: 5 })).toEqual([0, 1, 4, 9, 16])
  })
})

async function startFork(adapter: string): Promise<Snakepit> {
  const pit = await Snakepit.start(config(adapter, {}, { python: { launch: "fork" } }))
  onTestFinished(() => pit.close({ grace: 0 }))
  return pit
}
