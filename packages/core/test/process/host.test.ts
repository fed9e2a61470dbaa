import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import type { Readable } from "node:stream"
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest"
import { compileProcessFolder, gone, isAlive, lineReader, strayPid } from "./helpers.js"

let compiled: Awaited<ReturnType<typeof compileProcessFolder>>

beforeAll(async () => {
  compiled = await compileProcessFolder()
})
afterAll(() => compiled.remove())

/** A worker with a child of its own; both wait without end, and only the first watches its lifeline. */
const family = `
import os, signal, sys, threading
child = os.fork()
if child == 0:
    while True: signal.pause()
os.write(3, b"%d %d\\n" % (os.getpid(), child))
watches = sys.argv[1] == "watch"
if watches and os.read(4, 1) == b"":
    os.killpg(0, signal.SIGKILL)
while True: signal.pause()
`

interface Host {
  readonly child: ChildProcess & { readonly stdout: Readable }
  /** The worker and its child. */
  readonly pids: readonly number[]
}

/** Starts a program that launches a worker, says who it is, and then runs `end`. */
async function host(worker: "watch" | "ignore", end: string): Promise<Host> {
  const program = `
import { launch } from ${JSON.stringify(compiled.launchUrl)}
const plan = { executable: "python3", args: ["-c", ${JSON.stringify(family)}, ${JSON.stringify(worker)}] }
const worker = await launch(plan, { offer: [], onOutput: () => {} })
const keepAlive = setInterval(() => {}, 1000)
worker.channel.once("data", (pids) => process.stdout.write(pids, () => { ${end} }))
`
  const child = spawn(process.execPath, ["--input-type=module", "-e", program], {
    stdio: ["ignore", "pipe", "ignore"],
  })
  const pids = (await lineReader(child.stdout)()).split(" ").map(strayPid)
  onTestFinished(() => void child.kill("SIGKILL"))
  return { child, pids }
}

describe("when the host ends, its workers do too", () => {
  test("H1 by SIGKILL: the lifeline tells them", async () => {
    const { child, pids } = await host("watch", "")
    expect(pids.map(isAlive)).toEqual([true, true])
    child.kill("SIGKILL")
    await Promise.all(pids.map(gone))
  })

  test.each([
    ["H4 by process.exit", "process.exit(3)", 3],
    ["H3 by an exception nobody caught", "throw new Error()", 1],
    ["because there is nothing left to do", "clearInterval(keepAlive)", 0],
  ])("%s, without any help of theirs", async (_name, end, code) => {
    const { child, pids } = await host("ignore", end)
    if (child.exitCode === null) await once(child, "exit")
    expect(child.exitCode).toBe(code)
    await Promise.all(pids.map(gone))
  })
})

test("L8 a host that has no descriptors left says so, and recovers", async () => {
  const program = `
import { launch } from ${JSON.stringify(compiled.launchUrl)}
const keepAlive = setInterval(() => {}, 1000)
const workers = []
const start = () => launch({ executable: "cat", args: ["/dev/fd/4"] }, { offer: [], onOutput() {} })
let error
while (!error) await start().then((worker) => workers.push(worker), (reason) => { error = reason })
await Promise.all(workers.flatMap((worker) => [worker.terminate(0), worker.drained]))
const again = await start()
console.log(JSON.stringify([error.name, error.code, error.message, workers.length > 0]))
await again.terminate(0)
clearInterval(keepAlive)
`
  const limited = 'ulimit -n 64; exec "$0" --input-type=module -e "$1"'
  const child = spawn("sh", ["-c", limited, process.execPath, program], {
    stdio: ["ignore", "pipe", "inherit"],
  })
  onTestFinished(() => void child.kill("SIGKILL"))
  const [name, code, message, some] = JSON.parse(await lineReader(child.stdout)())
  expect([name, code, some]).toEqual(["LaunchError", "EMFILE", true])
  expect(message).toMatch(/"cat": too many files are open/)
})

test("a hook for the end of this process exists only while a worker lives", async () => {
  const { launch } = await import("../../src/process/launch.js")
  const before = process.listenerCount("exit")
  const plan = { executable: "cat", args: ["/dev/fd/4"] }
  const io = { offer: [], onOutput() {} }
  const workers = await Promise.all([launch(plan, io), launch(plan, io)])
  expect(process.listenerCount("exit")).toBe(before + 1)
  await Promise.all(workers.map((worker) => worker.terminate(0)))
  expect(process.listenerCount("exit")).toBe(before)
})
