import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import type { Snakepit } from "@snakepit/core"
import { describe, expect, onTestFinished, test } from "vitest"
import { adapters, channels, collect, folder, gone, isAlive, Records, start } from "./helpers.js"

/** The same worker goes on to serve, and everybody gets the own answer. */
async function expectSound(pit: Snakepit, pid: number): Promise<void> {
  const values = [...Array(50).keys()]
  expect(await Promise.all(values.map((value) => pit.execute("echo", { value })))).toEqual(values)
  expect(await pit.execute("pid")).toBe(pid)
  expect(pit.stats()).toMatchObject({ crashes: 0, busy: 0 })
}

describe.each(channels)("on %s, nothing breaks when", (channel) => {
  async function processes(records = new Records()): Promise<{ pit: Snakepit; pid: number }> {
    const pit = await start("processes:Processes", {}, { python: { channel }, logger: records.logger })
    return { pit, pid: await pit.execute<number>("pid") }
  }

  test.each(["fork_and_return", "fork_in_coroutine", "fork_in_thread"])(
    "a tool forks and returns twice: %s",
    async (tool) => {
      const { pit, pid } = await processes()
      for (let round = 0; round < 3; round += 1) {
        const child = await pit.execute<number>(tool)
        expect(child).toBeGreaterThan(0)
        // The child ended by itself, and said nothing to the host.
        expect(await pit.execute("reap", { pid: child })).toBe(0)
      }
      await expectSound(pit, pid)
    },
  )

  test("the child of a fork raises", async () => {
    const records = new Records()
    const { pit, pid } = await processes(records)
    const child = await pit.execute<number>("fork_and_raise")
    expect(await pit.execute("reap", { pid: child })).toBe(1)
    expect(await records.saying("ValueError: in the child")).toMatchObject({ source: "stderr" })
    await expectSound(pit, pid)
  })

  test("a generator forks between two chunks", async () => {
    const { pit, pid } = await processes()
    const chunks = await collect(pit.stream<number>("fork_while_streaming", { n: 100 }))
    expect(chunks.flatMap(({ isFinal, data }) => (isFinal ? [] : [data]))).toEqual([...Array(100).keys()])
    await expectSound(pit, pid)
  })

  test.each([
    ["pool", "fork"],
    ["pool", "spawn"],
    ["executor", "fork"],
    ["executor", "spawn"],
  ])("a tool uses a multiprocessing %s that starts by %s", async (tool, method) => {
    const { pit, pid } = await processes()
    const squares = [...Array(20).keys()].map((number) => number ** 2)
    expect(await pit.execute(tool, { method, n: 20 })).toEqual(squares)
    await expectSound(pit, pid)
  })

  test("a subprocess reads its stdin and writes to every descriptor it has", async () => {
    const { pit, pid } = await processes()
    const command = "for fd in 1 2 3 4 5 6 7 8 9; do echo noise >&$fd; done 2>/dev/null; cat; echo done"
    expect(await pit.execute("shell", { command })).toBe("noise\ndone\n")
    await expectSound(pit, pid)
  })

  test("a process that left its worker's group outlives it: the end of the worker is seen all the same", async () => {
    const { pit, pid } = await processes()
    const stray = await pit.execute<number>("daemonize")
    onTestFinished(() => void (isAlive(stray) && process.kill(stray, "SIGKILL")))
    process.kill(pid, "SIGKILL")
    await gone(pid)
    expect(isAlive(stray)).toBe(true)
    await pit.close()
    expect(pit.workers()).toEqual([])
  })

  test("sitecustomize prints a megabyte and reads stdin", async () => {
    const site = await folder()
    mkdirSync(join(site, "site"))
    writeFileSync(
      join(site, "site", "sitecustomize.py"),
      [
        "import os, sys",
        "for _ in range(64): print('s' * 16383)",
        "sys.stdout.flush()",
        'os.write(1, b\'{"snakepit":1,"transport":"forged"}\\n\')',
        "print('nothing on stdin:', repr(sys.stdin.read()), file=sys.stderr, flush=True)",
      ].join("\n"),
    )
    const records = new Records()
    const pit = await start(
      "processes:Processes",
      {},
      {
        python: { channel, env: { PYTHONPATH: join(site, "site") }, cwd: adapters },
        logger: records.logger,
      },
    )
    expect(await records.saying("nothing on stdin: ''")).toMatchObject({ source: "stderr" })
    await expectSound(pit, await pit.execute<number>("pid"))
  })
})
