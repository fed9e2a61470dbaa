import { spawn } from "node:child_process"
import { once } from "node:events"
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, onTestFinished, test } from "vitest"
import { type HostProgram, hostProgram } from "../src/host-program.js"
import { gone, isAlive, stateOf, until } from "../src/processes.js"
import { folder, pids, start } from "./support/pit.js"
import { Records } from "./support/records.js"

/** A program with two workers that writes them down in a folder, and prints their pids. */
function host(directory: string, rest = "", env: NodeJS.ProcessEnv = {}, unreaped = false): HostProgram {
  const program = hostProgram(
    `const pit = await Snakepit.start({ ...config, instance: { name: "faults", directory: process.env.DIRECTORY } })
     ${rest}
     say(pit.workers().map(({ pid }) => pid))
     setInterval(() => {}, 1000)
     process.once("SIGUSR2", async () => say(await Promise.all([1, 2, 3, 4].map((value) => pit.execute("echo", { value })))))`,
    { ...env, DIRECTORY: directory },
    unreaped,
  )
  onTestFinished(() => program.kill("SIGKILL"))
  return program
}

/** A process of nobody's, killed with the test. */
async function bystander(env: NodeJS.ProcessEnv = {}): Promise<number> {
  const child = spawn("sleep", ["600"], { detached: true, stdio: "ignore", env: { ...process.env, ...env } })
  onTestFinished(() => void child.kill("SIGKILL"))
  await once(child, "spawn")
  return child.pid ?? 0
}

/** Every file of a registry, wherever in the folder it lies. */
function files(directory: string): string[] {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
}

/** What a killed host has left in its registry; its workers are gone. */
async function leftover(directory: string): Promise<{ file: string; text: string; workers: number[] }> {
  const running = host(directory)
  const workers: number[] = JSON.parse(await running.line())
  running.kill("SIGKILL")
  await running.exit
  await Promise.all(workers.map(gone))
  const [file = ""] = files(directory)
  return { file, text: readFileSync(file, "utf8"), workers }
}

const instance = (directory: string) => ({ instance: { name: "faults", directory } })

async function expectServing(directory: string, records = new Records()): Promise<void> {
  const pit = await start("hosted:Hosted", { size: 2 }, { ...instance(directory), logger: records.logger })
  expect(await pit.execute("echo", { value: "served" })).toBe("served")
  expect(pids(pit)).toHaveLength(2)
}

describe("what a host has left behind", () => {
  test("P11 is ended at the next start, also when the host is still there as a zombie", async () => {
    const directory = await folder()
    const touch = join(await folder(), "outlives")
    const rest = `
      pit.execute("outlive", { touch: process.env.TOUCH }).catch(() => {})
      await there(process.env.TOUCH)
      say(process.pid)`
    const parent = host(directory, rest, { TOUCH: touch }, true)
    const pid = Number(await parent.line())
    const workers: number[] = JSON.parse(await parent.line())
    process.kill(pid, "SIGKILL")
    await until(() => stateOf(pid) === "Z")
    const orphans = (): number[] => workers.filter(isAlive)
    await until(() => orphans().length === 1)
    const [orphan = 0] = orphans()
    onTestFinished(() => void (isAlive(orphan) && process.kill(orphan, "SIGKILL")))
    await expectServing(directory)
    await gone(orphan)
  })

  test("P14 is let live when its pid belongs to another process by now", async () => {
    const directory = await folder()
    const { file, text, workers } = await leftover(directory)
    const nonce = /[0-9a-f]{32}/.exec(text.slice(text.indexOf("\n")))?.[0] ?? ""
    // Everything is as it was written down, but the time at which the process started.
    const innocent = await bystander({ SNAKEPIT_NONCE: nonce })
    writeFileSync(file, text.replaceAll(`"pid":${workers[0]},`, `"pid":${innocent},`))
    expect(readFileSync(file, "utf8")).toContain(`"pid":${innocent},`)
    await expectServing(directory)
    expect(isAlive(innocent)).toBe(true)
  })
})

test("H8 two hosts share a registry: neither touches the other's workers", async () => {
  const directory = await folder()
  const [first, second] = [host(directory), host(directory)]
  const workers: number[] = [...JSON.parse(await first.line()), ...JSON.parse(await second.line())]
  expect(new Set(workers).size).toBe(4)
  // A third one starts, sweeps, and ends, while these run.
  await expectServing(directory)
  expect(workers.filter(isAlive)).toEqual(workers)
  for (const one of [first, second]) {
    one.kill("SIGUSR2")
    expect(await one.line()).toBe("[1,2,3,4]")
  }
  first.kill("SIGKILL")
  await Promise.all(workers.slice(0, 2).map(gone))
  await expectServing(directory)
  expect(workers.slice(2).filter(isAlive)).toEqual(workers.slice(2))
})

describe("H9 the registry", () => {
  test.each([
    ["is full of garbage", "\u0000\u0001 no registry at all\n".repeat(1000)],
    ["is empty", ""],
    ["is of another version", '{"registry":99,"pid":1}\n'],
  ])("%s: it starts all the same", async (_, text) => {
    const directory = await folder()
    const { file } = await leftover(directory)
    writeFileSync(file, text)
    await expectServing(directory)
  })

  test("names processes that it cannot prove to be its own: a warning at most, and they live", async () => {
    const directory = await folder()
    const { file, text, workers } = await leftover(directory)
    const innocent = await bystander()
    const forged = text
      .replaceAll(`"pid":${workers[0]},`, `"pid":${innocent},`)
      .replaceAll(/"startTime":"\d+"/g, `"startTime":"${startTimeOf(innocent)}"`)
    writeFileSync(file, forged)
    await expectServing(directory)
    expect(isAlive(innocent)).toBe(true)
  })

  test("cannot be written: a warning, and it starts all the same", async () => {
    const file = join(await folder(), "file")
    writeFileSync(file, "")
    const records = new Records()
    const serving = expectServing(join(file, "registry"), records)
    const { level } = await records.saying("")
    await serving
    expect(level).toBe("warn")
  })

  test("is a folder that others may write to: it is not used, and nobody is killed for what it says", async () => {
    const directory = join(await folder(), "open")
    mkdirSync(directory)
    chmodSync(directory, 0o777)
    await expectServing(directory)
    expect(existsSync(directory)).toBe(true)
  })
})

/** The start of a process in the system's own count. */
function startTimeOf(pid: number): string {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8")
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? ""
}
