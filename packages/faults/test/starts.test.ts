import { execFileSync } from "node:child_process"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { type Adapter, defineAdapter, type Snakepit } from "@snakepit/core"
import { expect, onTestFinished, test } from "vitest"
import { hostProgram } from "../src/host-program.js"
import { descriptorNumbersOf, until } from "../src/processes.js"
import { tools } from "../src/workers.js"
import { folder, pids, start } from "./support/pit.js"

/** An adapter that notes when it is asked for a worker. */
function noting(onLaunch: () => void): Adapter {
  const python = tools("busy:Busy", { launch: "spawn" })
  return defineAdapter({
    name: "noting",
    launch(context) {
      onLaunch()
      return python.launch(context)
    },
  })
}

/** Kills all workers at once, and waits until there are as many again. */
async function killAll(pit: Snakepit): Promise<void> {
  const before = pids(pit)
  for (const pid of before) process.kill(pid, "SIGKILL")
  const calls = Array.from({ length: 50 }, (_, value) => pit.execute("echo", { value }))
  const settled = await Promise.allSettled(calls)
  // What a dying worker had begun is lost, one call each; all others wait for those that come.
  const lost = settled.filter(({ status }) => status === "rejected").length
  expect(lost).toBeLessThanOrEqual(before.length)
  await until(() => pit.stats().workers === before.length)
  expect(pids(pit).filter((pid) => before.includes(pid))).toEqual([])
}

const size = 6

test("L6 workers that die all at once are replaced few at a time", async () => {
  let [launched, up, most] = [0, 0, 0]
  const adapter = noting(() => {
    launched += 1
    most = Math.max(most, launched - up)
  })
  const restart = { intensity: 100, minDelay: 10 } as const
  const pit = await start("", { size, startConcurrency: 2, restart, queueTimeout: "1 minute" }, { adapter })
  pit.on("snakepit.worker.initialized", () => {
    up += 1
  })
  launched = up = most = 0
  await killAll(pit)
  expect({ launched, most }).toEqual({ launched: size, most: 2 })
})

test("L6 workers that die all at once are replaced later and later, not all at one time", async () => {
  const launches: number[] = []
  const adapter = noting(() => void launches.push(performance.now()))
  const [intensity, minDelay] = [2, 1500]
  const restart = { intensity, period: "1 minute", minDelay } as const
  const pit = await start(
    "",
    { size, startConcurrency: size, restart, queueTimeout: "1 minute" },
    { adapter },
  )
  launches.length = 0
  const died = performance.now()
  await killAll(pit)
  expect(launches.length).toBe(size)
  const later = launches.slice(intensity).map((at) => at - died)
  // Chance takes up to half of the wait.
  for (const delay of later) expect(delay).toBeGreaterThanOrEqual(minDelay / 2)
  expect(new Set(later.map(Math.round)).size).toBeGreaterThan(1)
})

/** Changes how many descriptors a running process may have. */
function limitDescriptors(pid: number, limit: number): void {
  const source = `
import resource, sys
pid, limit = map(int, sys.argv[1:])
_, hard = resource.prlimit(pid, resource.RLIMIT_NOFILE)
resource.prlimit(pid, resource.RLIMIT_NOFILE, (min(limit, hard) if hard > 0 else limit, hard))`
  execFileSync("python3", ["-c", source, `${pid}`, `${limit}`])
}

/** The number that its next descriptor would get. */
function firstFree(pid: number): number {
  const taken = new Set(descriptorNumbersOf(pid))
  let number = 0
  while (taken.has(number)) number += 1
  return number
}

const outOfFiles = `
const restart = { intensity: 0, minDelay: 20, maxDelay: 200 }
const pit = await Snakepit.start({ ...config, pool: { size: 1, restart, queueTimeout: "1 minute" } })
pit.on("snakepit.worker.start_failed", ({ metadata }) => say(metadata.error))
const pid = await pit.execute("pid")
say(pid)
await there(process.env.FOLDER + "/low")
const error = await Snakepit.start(config).catch((error) => error)
say({ tag: error._tag, reason: error.reason, message: error.message })
process.kill(pid, "SIGKILL")
await there(process.env.FOLDER + "/high")
say({ answer: await pit.execute("echo", { value: "recovered" }) })
await pit.close()
`

test.runIf(process.platform === "linux")(
  "L8 a system that has no more files gives a typed error; it is tried again until there are some",
  async () => {
    const FOLDER = await folder()
    const host = hostProgram(outOfFiles, { FOLDER })
    onTestFinished(() => host.kill("SIGKILL"))
    await host.line()
    limitDescriptors(host.pid, firstFree(host.pid))
    writeFileSync(join(FOLDER, "low"), "")
    expect(JSON.parse(await host.line())).toMatchObject({
      tag: "StartFailed",
      reason: "launch",
      message: expect.stringContaining("too many files are open"),
    })
    for (let attempt = 0; attempt < 3; attempt += 1)
      expect(await host.line()).toContain("too many files are open")
    limitDescriptors(host.pid, 4096)
    writeFileSync(join(FOLDER, "high"), "")
    let line = await host.line()
    while (line.includes("too many files")) line = await host.line()
    expect(JSON.parse(line)).toEqual({ answer: "recovered" })
    expect(await host.exit).toMatchObject({ code: 0, signal: null })
  },
)
