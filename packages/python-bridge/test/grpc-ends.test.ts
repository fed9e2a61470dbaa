import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import type { Snakepit } from "@snakepit/core"
import { grpc } from "@snakepit/transport-grpc"
import { describe, expect, onTestFinished, test } from "vitest"
import { folder, gone, isAlive, program, start, until } from "./helpers.js"

const overGrpc = { transports: [grpc()] }

/** Calls that each leave a line behind when they run; the worker is killed in the middle of them. */
async function killAmongCalls(calls: number, work: number) {
  const ledger = join(await folder(), "ledger")
  writeFileSync(ledger, "")
  const pit = await start("crashing:Crashing", {}, { ...overGrpc, python: { env: { LEDGER: ledger } } })
  const lines = (): string[] => readFileSync(ledger, "utf8").split("\n").slice(0, -1)
  const pending = Array.from({ length: calls }, (_, id) => pit.execute("run", { id, work }))
  const settled = Promise.allSettled(pending)
  await until(() => lines().length > calls / 4)
  process.kill(pit.workers()[0]?.pid ?? 0, "SIGKILL")
  const outcomes = await settled
  const failed = outcomes.flatMap(({ status }, id) => (status === "rejected" ? [id] : []))
  return { outcomes, failed, ran: lines().map(Number), stats: pit.stats() }
}

describe("a worker that is killed", () => {
  test.each([
    ["short", 400, 100],
    ["longer", 100, 200_000],
  ])("[GR-4] loses no call that had not started, and runs none twice: %s calls", async (_, calls, work) => {
    const { outcomes, failed, ran, stats } = await killAmongCalls(calls, work)
    expect(outcomes.length).toBe(calls)
    expect(ran.length).toBe(new Set(ran).size)
    expect(stats).toMatchObject({ crashes: 1, queued: 0, busy: 0 })
    for (const [id, outcome] of outcomes.entries()) {
      if (outcome.status === "fulfilled") expect(outcome.value).toBe(id)
      else expect(outcome.reason).toMatchObject({ _tag: "WorkerCrashed", started: true })
    }
    // What failed had begun; the one that was just about to may have left no line.
    const began = new Set(ran)
    expect(failed.filter((id) => !began.has(id)).length).toBeLessThanOrEqual(1)
    // As many answers as may be unsent, and the call that ran.
    expect(failed.length).toBeLessThanOrEqual(17)
    expect(stats.requeued).toBeGreaterThan(0)
  })

  test("[GR-4] fails none of the calls that it had not begun, not even the oldest", async () => {
    const pit = await start("basic:Basic", {}, overGrpc)
    const pid = await pit.execute<number>("pid")
    process.kill(pid, "SIGSTOP")
    const calls = ["a", "b"].map((value) => pit.execute("echo", { value }))
    process.kill(pid, "SIGKILL")
    expect(await Promise.all(calls)).toEqual(["a", "b"])
    expect(pit.stats()).toMatchObject({ crashes: 1 })
  })

  test("takes no answer with it when calls are few", async () => {
    const pit = await start("basic:Basic", {}, overGrpc)
    const results = ["a", "b"].map((value) => pit.execute("echo", { value }))
    const fatal = pit.execute("die", { last_words: "" })
    const behind = pit.execute("echo", { value: "c" })
    await expect(fatal).rejects.toMatchObject({ _tag: "WorkerCrashed", exitCode: 3 })
    expect(await Promise.all([...results, behind])).toEqual(["a", "b", "c"])
  })
})

describe("nothing breaks when", () => {
  async function expectSound(pit: Snakepit, pid: number): Promise<void> {
    const values = [...Array(50).keys()]
    expect(await Promise.all(values.map((value) => pit.execute("echo", { value })))).toEqual(values)
    expect(await pit.execute("pid")).toBe(pid)
    expect(pit.stats()).toMatchObject({ crashes: 0, busy: 0 })
  }

  test.each(["fork_and_return", "fork_in_coroutine", "fork_in_thread"])("a tool forks: %s", async (tool) => {
    const pit = await start("processes:Processes", {}, overGrpc)
    const pid = await pit.execute<number>("pid")
    for (let round = 0; round < 3; round += 1) {
      const child = await pit.execute<number>(tool)
      expect(await pit.execute("reap", { pid: child })).toBe(0)
    }
    await expectSound(pit, pid)
  })

  test.each([
    ["pool", "fork"],
    ["executor", "fork"],
    ["executor", "spawn"],
  ])("a tool uses a multiprocessing %s that starts by %s", async (tool, method) => {
    const pit = await start("processes:Processes", {}, overGrpc)
    const pid = await pit.execute<number>("pid")
    const squares = [...Array(20).keys()].map((number) => number ** 2)
    expect(await pit.execute(tool, { method, n: 20 })).toEqual(squares)
    await expectSound(pit, pid)
  })

  test("a process that left its worker's group outlives it", async () => {
    const pit = await start("processes:Processes", {}, overGrpc)
    const pid = await pit.execute<number>("pid")
    const stray = await pit.execute<number>("daemonize")
    onTestFinished(() => void (isAlive(stray) && process.kill(stray, "SIGKILL")))
    process.kill(pid, "SIGKILL")
    await gone(pid)
    expect(isAlive(stray)).toBe(true)
    await until(() => pit.workers()[0]?.pid !== pid)
    await pit.close()
    expect(pit.workers()).toEqual([])
  })
})

describe.each(["unix", "tcp"])("a program over %s", (listen) => {
  const source = `
    import { grpc } from "@snakepit/transport-grpc"
    const pit = await Snakepit.start({ ...config, transports: [grpc({ listen: "${listen}" })] })
    console.log(await pit.execute("echo", { value: 7 }))
    console.log(pit.workers()[0].pid)
  `
  test.each([
    ["that closes its pool", "await pit.close()"],
    ["that does not", ""],
  ])("%s ends by itself, and its workers with it", async (_, end) => {
    const run = program(`${source}\n${end}`)
    expect(await run.line()).toBe("7")
    const pid = Number(await run.line())
    expect(await run.exit).toMatchObject({ code: 0, stderr: "" })
    await gone(pid)
  })
})
