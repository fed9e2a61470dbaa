import { randomUUID } from "node:crypto"
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { type PoolConfig, Snakepit } from "@snakepit/core"
import { describe, expect, test } from "vitest"
import { type AnyError, errorOf } from "../src/outcomes.js"
import { processesWith, until } from "../src/processes.js"
import { type Launch, launches } from "../src/workers.js"
import { config, folder, pids, start } from "./support/pit.js"
import { Records } from "./support/records.js"

/** A module of its own for a worker. */
async function modules(source: string, name = "broken"): Promise<string> {
  const path = await folder()
  writeFileSync(join(path, `${name}.py`), source)
  return path
}

/** The error of a start with an adapter of this source; it must leave nothing behind. */
async function failedStart(launch: Launch, source: string, pool: PoolConfig = {}): Promise<AnyError> {
  const run = randomUUID()
  const env = { PYTHONPATH: await modules(source), SNAKEPIT_START_RUN: run }
  const error = await errorOf(
    Snakepit.start(config("broken:Broken", { size: 4, ...pool }, { python: { launch, env } })),
  )
  await until(() => processesWith(`SNAKEPIT_START_RUN=${run}`).length === 0)
  expect(error._tag).toBe("StartFailed")
  return error
}

describe.each(launches)("launched by %s,", (launch) => {
  test("P6 a worker ends before it is ready: StartFailed with the end of its stderr", async () => {
    const source = "import os\nos.write(2, b'the license has expired\\n')\nos._exit(3)\n"
    const error = await failedStart(launch, source)
    expect(error).toMatchObject({ reason: "exited" })
    expect(error.message).toContain("exited with code 3")
    expect(error.message).toContain("the license has expired")
    expect(error.stderr).toContain("the license has expired")
  })

  test("P7 a worker does not get ready: the start times out, and its whole group is killed", async () => {
    const source = [
      "import subprocess, sys, time",
      "subprocess.Popen([sys.executable, '-S', '-c', 'import time; time.sleep(600)'])",
      "sys.stderr.write('waiting for the license server\\n')",
      "time.sleep(600)",
    ]
    const error = await failedStart(launch, source.join("\n"), { size: 1, startTimeout: 1500 })
    expect(error.reason).toBe("timeout")
    expect(error.message).toContain("waiting for the license server")
  })

  test("P8 the adapter cannot import something: the start fails with the traceback, and is not repeated", async () => {
    const imports = join(await folder(), "imports")
    const note = `with open(${JSON.stringify(imports)}, "a") as file:\n    file.write("x")\n`
    const error = await failedStart(launch, `${note}import a_module_that_is_not_there\n`)
    expect(error).toMatchObject({ reason: "adapter" })
    expect(error.message).toContain("ModuleNotFoundError: No module named 'a_module_that_is_not_there'")
    expect(error.traceback).toMatch(/broken\.py", line 3/)
    // Each of the four may have tried before the first one's failure ended the start.
    expect(existsSync(imports) ? readFileSync(imports, "utf8").length : 0).toBeLessThanOrEqual(4)
  })

  test("P9 the adapter is no Python: the start fails with the line, and what is wrong with it", async () => {
    const error = await failedStart(launch, "class Broken:\n    def add(self a):\n        return a\n")
    expect(error).toMatchObject({ reason: "adapter" })
    expect(error.message).toContain("SyntaxError")
    expect(error.message).toMatch(/broken\.py", line 2/)
  })

  test("P22 sitecustomize prints a megabyte and reads stdin: the worker starts, and serves", async () => {
    const site = [
      "import os, sys",
      "for _ in range(64): print('s' * 16383)",
      "sys.stdout.flush()",
      'os.write(1, b\'{"snakepit":1,"transport":"forged"}\\n\')',
      "print('nothing on stdin:', repr(sys.stdin.read()), file=sys.stderr, flush=True)",
    ]
    const records = new Records()
    const env = { PYTHONPATH: await modules(site.join("\n"), "sitecustomize") }
    const pit = await start("faulty:Faulty", {}, { python: { launch, env }, logger: records.logger })
    await records.saying("nothing on stdin: ''")
    expect(await pit.execute("echo", { value: "served" })).toBe("served")
    expect(pids(pit)).toHaveLength(1)
  })
})

test("P8 an adapter that breaks later: the pool goes on trying, ever more slowly, and comes back with it", async () => {
  const path = await modules("class Broken:\n    def echo(self, value):\n        return value\n")
  const pit = await start(
    "broken:Broken",
    {},
    { python: { env: { PYTHONPATH: path, PYTHONDONTWRITEBYTECODE: "1" } } },
  )
  writeFileSync(join(path, "broken.py"), "import a_module_that_is_not_there_any_more\n")
  const failures: string[] = []
  pit.on("snakepit.worker.start_failed", ({ metadata }) => failures.push(metadata.error))
  const failed = pit.once("snakepit.worker.start_failed")
  process.kill(pids(pit)[0] ?? 0, "SIGKILL")
  await failed
  expect(failures[0]).toContain("a_module_that_is_not_there_any_more")
  const error = await errorOf(pit.execute("echo", { value: 1 }, { queueTimeout: 1000 }))
  expect(error._tag).toBe("QueueTimeout")
  expect(error.message).toContain("a_module_that_is_not_there_any_more")
  // A loop without pauses would have tried dozens of times.
  expect(failures.length).toBeLessThan(8)
  writeFileSync(
    join(path, "broken.py"),
    "class Broken:\n    def echo(self, value):\n        return [value]\n",
  )
  expect(await pit.execute("echo", { value: 2 }, { queueTimeout: 30_000 })).toEqual([2])
})
