import { once } from "node:events"
import { chmodSync, mkdirSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest"
import { launch } from "../../../src/process/launch.js"
import { readProcess } from "../../../src/process/process-table.js"
import { openRegistry } from "../../../src/process/registry/registry.js"
import { compileProcessFolder, gone, isAlive, pidOf, rest } from "../helpers.js"
import { host, killed, linesIn, open, privateFolder } from "./hosts.js"

let compiled: Awaited<ReturnType<typeof compileProcessFolder>>

beforeAll(async () => {
  compiled = await compileProcessFolder()
})
afterAll(() => compiled.remove())

const io = { offer: [], onOutput() {} }

describe("a registry", () => {
  test("says before a launch what will run, then its number, then that it has ended", () => {
    const directory = privateFolder()
    const { registry } = open(directory)
    const kept = registry.announce()
    const { nonce, started, ended } = registry.announce()
    const read = () =>
      linesIn(directory)[0]
        ?.slice(1)
        .map((line) => JSON.parse(line))
    expect(read()).toEqual([
      { id: 1, nonce: kept.nonce },
      { id: 2, nonce },
    ])
    started(process.pid)
    expect(read()?.[2]).toEqual({
      id: 2,
      nonce,
      pid: process.pid,
      startTime: readProcess(process.pid)?.startTime,
    })
    ended()
    ended()
    started(process.pid)
    expect(read()?.slice(3)).toEqual([{ id: 2, ended: true }])
    expect(registry.announce(kept.nonce).nonce).toBe(kept.nonce)
  })

  test("has a file only while something runs, which only its user may read", () => {
    const directory = privateFolder()
    const { registry } = open(directory)
    expect(readdirSync(directory)).toEqual([])
    const announcement = registry.announce()
    const [file = ""] = readdirSync(directory)
    expect(statSync(join(directory, file)).mode & 0o777).toBe(0o600)
    announcement.ended()
    expect(readdirSync(directory)).toEqual([])
  })

  test("S3 does not write down its token", () => {
    const directory = privateFolder()
    open(directory, "canary-token").registry.announce()
    expect(JSON.stringify([linesIn(directory), readdirSync(directory)])).not.toContain("canary")
  })

  test("writes its file anew when it has become long", () => {
    const directory = privateFolder()
    const { registry } = open(directory)
    const kept = registry.announce()
    const lengths = Array.from({ length: 1500 }, () => {
      registry.announce().ended()
      return statSync(join(directory, readdirSync(directory)[0] ?? "")).size
    })
    expect(Math.max(...lengths)).toBeLessThan(100_000)
    expect(linesIn(directory)[0]?.some((line) => line.includes(kept.nonce))).toBe(true)
  })

  test("is told of each launch, and of those that fail", async () => {
    const directory = privateFolder()
    const { registry } = open(directory)
    const announce = vi.spyOn(registry, "announce")
    await expect(launch({ executable: "/nowhere", args: [] }, { ...io, registry })).rejects.toThrow(
      "/nowhere",
    )
    await expect(launch({ executable: "\0", args: [] }, { ...io, registry })).rejects.toThrow("null bytes")
    expect(announce).toHaveBeenCalledTimes(2)
    expect(readdirSync(directory)).toEqual([])

    const print = { executable: "sh", args: ["-c", "printf %s $SNAKEPIT_NONCE >&3; read line <&4"] }
    const worker = await launch(print, { ...io, registry })
    const [nonce] = await once(worker.channel, "data")
    const lines = linesIn(directory)[0]?.map((line) => JSON.parse(line))
    expect(lines?.at(-1)).toMatchObject({ nonce: String(nonce), pid: pidOf(worker) })
    await worker.terminate(0)
    expect(readdirSync(directory)).toEqual([])
  })

  test("leaves no file when its process exits", async () => {
    const directory = privateFolder()
    const end = `
      const worker = await launch(plan, { offer: [], registry, onOutput() {} })
      console.log(await said(worker))
      process.exit()
    `
    const { child, pids } = await host(compiled, directory, end)
    if (child.exitCode === null) await once(child, "exit")
    await Promise.all(pids.map(gone))
    expect(readdirSync(directory)).toEqual([])
  })

  test("ends at the exit of its process also what somebody else has forked, and only that", async () => {
    const directory = privateFolder()
    const end = `
      const server = registry.announce()
      const forked = registry.announce(server.nonce)
      const stranger = registry.announce()
      const start = (SNAKEPIT_NONCE) => {
        const child = spawn("sleep", ["1000"], { detached: true, env: { ...process.env, SNAKEPIT_NONCE } })
        return child.pid
      }
      const pids = [start(server.nonce), start(server.nonce), start("")]
      server.started(pids[0])
      forked.started(pids[1])
      stranger.started(pids[2])
      process.stdout.write(pids.join(" ") + "\\n", () => process.exit())
    `
    const { child, pids } = await host(
      compiled,
      directory,
      `import { spawn } from "node:child_process"\n${end}`,
    )
    if (child.exitCode === null) await once(child, "exit")
    await Promise.all(pids.slice(0, 2).map(gone))
    expect(pids.map(isAlive)).toEqual([false, false, true])
    expect(readdirSync(directory)).toEqual([])
  })

  test("leaves its file when its process is killed", async () => {
    const directory = privateFolder()
    const run = `console.log(await said(await launch(plan, { offer: [], registry, onOutput() {} })))`
    const running = await host(compiled, directory, run)
    await killed(running)
    expect(linesIn(directory).flat().join()).toContain(`"pid":${running.pids[0]}`)
  })

  test("listens for the end of its process only while something runs", () => {
    const before = process.listenerCount("exit")
    const directory = privateFolder()
    const announcements = Array.from({ length: 20 }, () => open(directory).registry.announce())
    expect(process.listenerCount("exit")).toBe(before + 1)
    for (const announcement of announcements) announcement.ended()
    expect(process.listenerCount("exit")).toBe(before)
  })
})

describe("H9 a registry that cannot be kept", () => {
  test("costs one warning, no launch, and is kept again when it can be", () => {
    const directory = join(privateFolder(), "registry")
    const { registry, warnings } = open(directory)
    const first = registry.announce()
    rmSync(directory, { recursive: true })
    writeFileSync(directory, "")
    const second = registry.announce()
    second.started(process.pid)
    expect(warnings).toEqual([
      expect.stringMatching(/^cannot write down which workers run: .*EEXIST.*next start/),
    ])
    rmSync(directory)
    first.ended()
    expect(
      linesIn(directory)[0]
        ?.slice(1)
        .map((line) => JSON.parse(line)),
    ).toMatchObject([{ nonce: second.nonce, pid: process.pid }])
    expect(warnings.length).toBe(1)
  })

  test("because the disk is full, costs one warning and no launch", async () => {
    const directory = privateFolder()
    const run = `
      const start = () => launch(plan, { offer: [], registry, onOutput() {} })
      const workers = await Promise.all([start(), start()])
      console.log((await Promise.all(workers.map(said))).join(" "))
      registry.sweep()
    `
    const running = await host(compiled, directory, run, { limit: "ulimit -f 0" })
    expect(running.pids.length).toBe(4)
    const printed = rest(running.child.stderr)
    await killed(running)
    expect(await printed).toMatch(/^cannot write down which workers run: .*EFBIG.*\n$/)
  })

  test("because its folder cannot be made, is warned of", () => {
    const file = join(privateFolder(), "file")
    writeFileSync(file, "")
    const { registry, warnings } = open(join(file, "registry"))
    expect(warnings).toEqual([expect.stringMatching(/^No registry of processes is kept: .*ENOTDIR/)])
    expect(registry.announce().nonce).toMatch(/^[0-9a-f]{32}$/)
    expect(registry.sweep()).toEqual({ killed: 0, files: 0 })
  })

  test("S6 because its folder is a link, or open to others, is warned of", () => {
    const folder = privateFolder()
    mkdirSync(join(folder, "real"), { mode: 0o700 })
    symlinkSync(join(folder, "real"), join(folder, "link"))
    const shared = join(folder, "shared")
    mkdirSync(shared)
    chmodSync(shared, 0o770)
    for (const [path, reason] of [
      [join(folder, "link"), "link is a symbolic link"],
      [shared, "shared is open to other users"],
    ] as const) {
      const { registry, warnings } = open(path)
      registry.announce()
      expect(warnings).toEqual([expect.stringContaining(reason)])
      expect(readdirSync(path)).toEqual([])
    }
  })

  test("S6 because the folder for all of Snakepit is not private, is warned of", () => {
    const folder = privateFolder()
    vi.stubEnv("XDG_RUNTIME_DIR", folder)
    onTestFinished(() => void vi.unstubAllEnvs())
    const warnings: string[] = []
    const options = { name: "test", warn: (text: string) => void warnings.push(text) }
    openRegistry(options)
    const [base = ""] = readdirSync(folder)
    expect(base).toBe(`snakepit-${process.getuid?.()}`)
    expect(readdirSync(join(folder, base))).toEqual(["registry"])
    expect(warnings).toEqual([])
    chmodSync(join(folder, base), 0o755)
    openRegistry(options)
    expect(warnings).toEqual([expect.stringContaining("is open to other users")])
  })
})
