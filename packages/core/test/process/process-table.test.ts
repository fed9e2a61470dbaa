import { execFileSync, spawn } from "node:child_process"
import { copyFileSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, onTestFinished, test } from "vitest"
import { parseStat, procFiles } from "../../src/process/proc-files.js"
import { groupMemory, isAlive, readProcess } from "../../src/process/process-table.js"
import { psCommand } from "../../src/process/ps-command.js"
import { lineReader, pidOf, python, start, strayPid } from "./helpers.js"

/** A process whose program has this name. */
function named(name: string): number {
  const folder = mkdtempSync(join(tmpdir(), "snakepit-named-"))
  copyFileSync(execFileSync("which", ["sleep"], { encoding: "utf8" }).trim(), join(folder, name))
  const child = spawn(join(folder, name), ["60"])
  onTestFinished(() => {
    child.kill("SIGKILL")
    rmSync(folder, { recursive: true })
  })
  return child.pid ?? 0
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise(setImmediate)
}

describe.each([
  ["/proc", procFiles],
  ["ps", psCommand],
])("%s", (_name, source) => {
  test("knows a process and its group", async () => {
    const { worker } = await start(python("import signal; signal.pause()"))
    const pid = pidOf(worker)
    expect(source.read(pid)).toMatchObject({
      state: expect.stringMatching(/^[RSD]$/),
      pgid: pid,
      ppid: process.pid,
    })
    expect(source.read(pid)?.startTime).toBe(source.read(pid)?.startTime)
    expect(source.all().get(pid)).toMatchObject({ pgid: pid, startTime: source.read(pid)?.startTime })
  })

  test("tells a stopped process", async () => {
    const { worker } = await start(python("import signal; signal.pause()"))
    process.kill(pidOf(worker), "SIGSTOP")
    await until(() => source.read(pidOf(worker))?.state === "T")
  })

  test("knows nothing of a process that is not there", () => {
    expect(source.read(2 ** 30)).toBeUndefined()
    expect(source.members(new Set([2 ** 30]))).toEqual([])
  })

  test("is not misled by a program's name", async () => {
    const pid = named(") Z 1 1 (x")
    await until(() => source.read(pid)?.state === "S")
    expect(source.read(pid)).toMatchObject({ ppid: process.pid })
  })
})

test("P11 a zombie is there, but not alive", async () => {
  const script = `
import os, signal
pid = os.fork()
if pid == 0: os._exit(0)
os.write(3, b"%d\\n" % pid)
signal.pause()
`
  const { worker } = await start(python(script))
  const pid = strayPid(await lineReader(worker.channel)())
  await until(() => readProcess(pid)?.state === "Z")
  expect(process.kill(pid, 0)).toBe(true)
  expect(isAlive(pid)).toBe(false)
  expect(isAlive(pidOf(worker))).toBe(true)
})

test("P14 another process in the same place has another start time", () => {
  const stat = (ticks: number) => `7 (a b) S 1 7 7 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 ${ticks} 0 0`
  expect(parseStat(stat(5))).toEqual({ state: "S", ppid: 1, pgid: 7, startTime: "5" })
  expect(parseStat(stat(6))?.startTime).toBe("6")
  expect(parseStat("")).toBeUndefined()
  expect(parseStat("garbage")).toBeUndefined()
})

test("the memory of a group is that of all its processes", async () => {
  const script = `
import os, signal
fill = bytearray(b"x") * (40 << 20)
if os.fork() == 0:
    fill = bytearray(b"y") * (60 << 20)
    os.write(3, b"full\\n")
signal.pause()
`
  const { worker } = await start(python(script))
  await lineReader(worker.channel)()
  const memory = groupMemory([pidOf(worker), 2 ** 30])
  expect([...memory.keys()]).toEqual([pidOf(worker)])
  expect(memory.get(pidOf(worker))).toBeGreaterThan(100 << 20)
  expect(memory.get(pidOf(worker))).toBeLessThan(1 << 30)
})
