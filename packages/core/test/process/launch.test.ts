import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, onTestFinished, test, vi } from "vitest"
import type { LaunchPlan, ProcessPlan } from "../../src/adapter/adapter.js"
import { launch } from "../../src/process/launch.js"
import { LaunchError } from "../../src/process/launch-error.js"
import { processesIn, python, rest, start } from "./helpers.js"

const io = { offer: ["json"], onOutput() {} }

async function failure(plan: LaunchPlan): Promise<LaunchError> {
  const error: unknown = await launch(plan, io).catch((reason: unknown) => reason)
  if (!(error instanceof LaunchError)) throw new Error(`expected a LaunchError, got ${error}`)
  return error
}

async function scratch(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "snakepit-launch-"))
  onTestFinished(() => rm(folder, { recursive: true }))
  return folder
}

test("a worker is not told what its host was told when that is a worker itself, but what its plan says", async () => {
  const own = { SNAKEPIT_HEARTBEAT_CONFIG: "outer", SNAKEPIT_PROFILE: "thread", SNAKEPIT_THREADS: "3" }
  for (const [name, value] of Object.entries(own)) vi.stubEnv(name, value)
  onTestFinished(() => void vi.unstubAllEnvs())
  const print = python(
    `import os; os.write(3, ",".join(name for name in ${JSON.stringify(Object.keys(own))} if name in os.environ).encode())`,
  )
  const told = async (env?: ProcessPlan["env"]): Promise<string> => {
    const { worker } = await start({ ...print, ...(env && { env }) })
    return rest(worker.channel)
  }
  expect(await told()).toBe("")
  expect(await told({ ...process.env })).toBe("")
  expect(await told({ ...process.env, SNAKEPIT_THREADS: "4" })).toBe("SNAKEPIT_THREADS")
})

describe("a launch that fails", () => {
  test("P6 names an executable that is not on the PATH, and the hint", async () => {
    const error = await failure({
      executable: "no-such-python",
      args: ["secret"],
      hint: "Install Python 3.9.",
    })
    expect(error).toMatchObject({ executable: "no-such-python", code: "ENOENT", hint: "Install Python 3.9." })
    expect(error.message).toMatch(/"no-such-python".* not on the PATH .*Install Python 3\.9\.$/)
  })

  test("P6 names a missing file", async () => {
    const error = await failure({ executable: "./bin/python", args: [], cwd: "/tmp" })
    expect(error.message).toContain("/tmp/bin/python does not exist")
  })

  test("P6 names a missing working directory, not the executable", async () => {
    const error = await failure(python("", { cwd: "/no/such/folder" }))
    expect(error.code).toBe("ENOENT")
    expect(error.message).toContain("its working directory /no/such/folder does not exist")
  })

  test("P6 names a working directory that is a file", async () => {
    const error = await failure(python("", { cwd: process.execPath }))
    expect(error.message).toContain("is not a directory")
  })

  test("P6 names a file that may not be executed", async () => {
    const file = join(await scratch(), "script")
    await writeFile(file, "#!/bin/sh\n", { mode: 0o600 })
    const error = await failure({ executable: file, args: [] })
    expect(error.code).toBe("EACCES")
    expect(error.message).toContain("permission denied")
  })

  test("P6 names a script whose interpreter is missing", async () => {
    const file = join(await scratch(), "script")
    await writeFile(file, "#!/no/such/interpreter\n", { mode: 0o700 })
    expect((await failure({ executable: file, args: [] })).message).toContain(
      "interpreter that its first line names",
    )
  })

  test("L8 says that the arguments are too long", async () => {
    const error = await failure(python(`#${"x".repeat(4_000_000)}`))
    expect(error.code).toBe("E2BIG")
    expect(error.message.length).toBeLessThan(200)
  })

  test("S3 says nothing of arguments and environment", async () => {
    const plan = { executable: "no-such-python", args: ["canary-1"], env: { TOKEN: "canary-2" } }
    const error = await failure(plan)
    expect(`${error.message} ${error.stack} ${JSON.stringify(error)}`).not.toContain("canary-2")
    expect(error.message).not.toContain("canary")
  })

  test("an in-process worker that throws at its start", async () => {
    const error = await failure({
      kind: "in-process",
      start() {
        throw new TypeError("no tools")
      },
    })
    expect(error.message).toContain("no tools")
  })
})

describe("a launch that is given up", () => {
  test("before it begins, starts nothing", async () => {
    const reason = new Error("given up")
    const plan = { executable: "no-such-python", args: [] }
    await expect(launch(plan, { ...io, signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  })

  test("P7 while it runs, leaves no process", async () => {
    const folder = await scratch()
    const controller = new AbortController()
    const reason = new Error("given up")
    const sleeper: LaunchPlan = { executable: "sh", args: ["-c", "exec cat <&4"], cwd: folder }
    const launched = launch(sleeper, { ...io, signal: controller.signal })
    expect(processesIn(folder)).toHaveLength(1)
    controller.abort(reason)
    await expect(launched).rejects.toBe(reason)
    expect(processesIn(folder)).toEqual([])
  })
})
