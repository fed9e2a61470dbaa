import { randomUUID } from "node:crypto"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import {
  type Adapter,
  defineAdapter,
  Snakepit,
  type SnakepitConfig,
  type StartFailed,
  type Transport,
} from "@snakepit/core"
import { type PythonOptions, python } from "@snakepit/python-bridge"
import { json } from "@snakepit/transport-json"
import { describe, expect, test } from "vitest"
import { adapters, errorOf, folder, interpreter, processesWith, script, tools } from "./helpers.js"

/** Starts two workers that cannot start. Nothing of them may be left when it is told, and it is told once. */
async function failedStart(
  options: Omit<PythonOptions, "env"> & { readonly env?: Readonly<Record<string, string>> },
  more: Partial<SnakepitConfig> = {},
): Promise<StartFailed & { readonly stack: string }> {
  const mark = `START_MARK=${randomUUID()}`
  const env = { ...options.env, START_MARK: mark.slice("START_MARK=".length) }
  const adapter = python({ cwd: adapters, ...options, env })
  const begun = performance.now()
  const startTimeout = more.pool?.startTimeout ?? 10_000
  const error = await errorOf(
    Snakepit.start({
      adapter,
      transports: [json()],
      logger: false,
      ...more,
      pool: { size: 2, startTimeout, ...more.pool },
    }),
  )
  expect(performance.now() - begun).toBeLessThan(Number(startTimeout) + 2000)
  expect(processesWith(mark)).toEqual([])
  expect(error).toMatchObject({ _tag: "StartFailed" })
  expect(error.stack).toContain("start-failures.test.ts")
  return error as unknown as StartFailed & { readonly stack: string }
}

describe("a start with a broken adapter fails once, with what went wrong:", () => {
  test("a module that cannot be imported", async () => {
    const error = await failedStart({ adapter: "broken.import_error:Adapter" })
    expect(error.reason).toBe("adapter")
    expect(error.message).toContain("ModuleNotFoundError: No module named 'a_module_that_is_not_there'")
    expect(error.message).toMatch(/import_error\.py", line 3/)
    expect(error.traceback).toMatch(/^Traceback .*\n[\s\S]*import_error\.py", line 3/)
    // A start that fails is told the traceback once, not once a worker.
    expect(error.stack.match(/Traceback/g)).toHaveLength(1)
  })

  test("a syntax error, with the line and the place", async () => {
    const cwd = await folder()
    writeFileSync(join(cwd, "unfinished.py"), "class Adapter:\n    def add(self a):\n        return a\n")
    for (const adapter of ["unfinished:Adapter", "./unfinished.py:Adapter"]) {
      const error = await failedStart({ adapter, cwd })
      expect(error.reason).toBe("adapter")
      expect(error.message).toContain("SyntaxError: ")
      expect(error.message).toMatch(/unfinished\.py", line 2\n {4}def add\(self a\):\n\s+\^/)
    }
  })

  test("a class that is not there, naming those that are", async () => {
    const error = await failedStart({ adapter: "broken.raises:Missing" })
    expect(error.reason).toBe("adapter")
    expect(error.message).toContain(
      "broken.raises has no class 'Missing'; its classes are Raises, RaisesLater, Exits",
    )
  })

  test("a module or a file that is not there, saying where it was looked for", async () => {
    const module = await failedStart({ adapter: "nowhere.to_be:Found" })
    expect(module.message).toContain("no module named 'nowhere'")
    expect(module.message).toContain(adapters)
    const file = await failedStart({ adapter: "./nowhere.py:Found" })
    expect(file.message).toContain(`there is no file ${join(adapters, "nowhere.py")}`)
  })

  test("an exception of its constructor, or of initialize(), with the traceback and its cause", async () => {
    const created = await failedStart({ adapter: "broken.raises:Raises" })
    expect(created.message).toContain("RuntimeError: no model at /models/big.bin")
    expect(created.traceback).toContain("in __init__")
    expect(created.stderr).toContain("opening the model")
    const initialized = await failedStart({ adapter: "broken.raises:RaisesLater" })
    expect(initialized.traceback).toContain("KeyError: 'token'")
    expect(initialized.traceback).toContain("RuntimeError: cannot log in")
    const left = await failedStart({ adapter: "broken.raises:Exits" })
    expect(left.message).toContain("SystemExit: leaving")
  })

  test("a crash while it is imported, with the last words on stderr", async () => {
    const error = await failedStart({ adapter: "broken.dies:Dies" })
    expect(error.reason).toBe("exited")
    expect(error.message).toContain("was killed by SIGABRT before it said hello")
    expect(error.message).toContain("a native library called abort")
    // faulthandler tells where.
    expect(error.stderr).toMatch(/Fatal Python error: Aborted[\s\S]*dies\.py", line 10/)
  })

  test("an import that never ends, after the start timeout", async () => {
    const error = await failedStart({ adapter: "broken.hangs:Hangs" }, { pool: { startTimeout: 1000 } })
    expect(error.reason).toBe("timeout")
    expect(error.message).toContain("not ready after 1000 ms (startTimeout)")
    expect(error.message).toContain("waiting for the license server")
  })
})

describe("a start with an interpreter that will not do fails, with what to do:", () => {
  const advice = /Install Python 3\.9 or newer, or name an interpreter[\s\S]*SNAKEPIT_PYTHON/

  test("one that is not there", async () => {
    const missing = await failedStart({ python: "/nowhere/python3" })
    expect(missing.reason).toBe("launch")
    expect(missing.message).toContain('/nowhere/python3 comes from the option "python"')
    expect(missing.message).toMatch(advice)
    expect(missing.message.match(advice)).toHaveLength(1)
    expect(missing.message.split("Install Python").length).toBe(2)
    const unknown = await failedStart({ python: "python-of-nowhere" })
    expect(unknown.message).toContain("not on the PATH")
    const venv = await failedStart({ venv: "no-such-venv" })
    expect(venv.message).toContain(join(adapters, "no-such-venv/bin/python"))
    expect(venv.message).toContain('the option "venv"')
  })

  test("one that is no program", async () => {
    const text = join(await folder(), "python")
    writeFileSync(text, "not a program")
    expect((await failedStart({ python: text })).message).toContain("permission denied")
    const dead = join(await folder(), "python")
    writeFileSync(dead, "#!/nowhere/bin/python3\n", { mode: 0o755 })
    expect((await failedStart({ python: dead })).message).toContain(
      "the interpreter that its first line names",
    )
  })

  test("one that ends with an error of its own", async () => {
    const error = await failedStart({ python: await script("echo 'license expired' >&2\nexit 4") })
    expect(error.reason).toBe("exited")
    expect(error.message).toContain("exited with code 4 before it said hello")
    expect(error.message).toContain("license expired")
    expect(error.stderr).toBe("license expired")
  })

  test("one that is no Python at all, with the advice to name another", async () => {
    const error = await failedStart({ python: "/bin/true" })
    expect(error.reason).toBe("exited")
    expect(error.message).toContain("exited with code 0 before it said hello")
    expect(error.message).toContain('The Python interpreter /bin/true comes from the option "python".')
    expect(error.message).toContain("SNAKEPIT_PYTHON")
  })

  test("a working directory that is not there", async () => {
    const error = await failedStart({ cwd: "/nowhere" })
    expect(error.message).toContain("working directory /nowhere does not exist")
  })

  test("one that is too old, by the bridge's own words", async () => {
    // The real bridge, in an interpreter that says to be older than it is.
    const site = await folder()
    writeFileSync(join(site, "sitecustomize.py"), "import sys\nsys.version_info = (3, 8, 18)\n")
    const error = await failedStart({ env: { PYTHONPATH: site } })
    expect(error.reason).toBe("adapter")
    expect(error.message).toMatch(/snakepit-bridge needs Python 3\.9 or newer; .*python.* is Python 3\.8\.18/)
  })
})

describe("a worker that is not of this protocol is refused at once:", () => {
  /** A shell script as the worker: it has nothing of Python's. */
  async function shell(lines: string, startTimeout = 10_000): Promise<StartFailed> {
    const adapter = defineAdapter({
      name: "shell",
      launch: () => ({ executable: "/bin/sh", args: ["-c", lines] }),
    })
    const start = Snakepit.start({
      adapter,
      transports: [json()],
      logger: false,
      pool: { size: 1, startTimeout },
    })
    return (await errorOf(start)) as unknown as StartFailed
  }

  test("one that speaks another version; both are named", async () => {
    const error = await shell(`echo '{"snakepit":99,"transport":"json"}' >&3; read line <&3`)
    expect(error).toMatchObject({ _tag: "StartFailed", reason: "version" })
    expect(error.message).toMatch(/version 99\D[\s\S]*\b1\b/)
  })

  test("one that says something else, or too much", async () => {
    const noise = await shell("echo hello >&3; read line <&3")
    expect(noise).toMatchObject({ reason: "handshake" })
    expect(noise.message).toContain("hello")
    const long = await shell("head -c 5000000 /dev/zero | tr '\\0' x >&3; read line <&3")
    expect(long).toMatchObject({ reason: "handshake" })
    expect(long.message).toContain("4194304")
  })

  test("one that takes a transport that was not offered", async () => {
    const error = await shell(`echo '{"snakepit":1,"transport":"carrier-pigeon"}' >&3; read line <&3`)
    expect(error).toMatchObject({ reason: "transport" })
    expect(error.message).toContain('"carrier-pigeon", which was not offered')
  })

  test("one that closes its channel without a word", async () => {
    const error = await shell("exec 3>&-; echo 'changed my mind' >&2; sleep 600")
    expect(error).toMatchObject({ _tag: "StartFailed", reason: "handshake" })
    expect(error.message).toContain("closed its channel before it said hello")
    expect(error.message).toContain("changed my mind")
  })
})

describe("an adapter or a transport of one's own that does not work fails the start:", () => {
  const good = tools("basic:Basic")
  const failing = (adapter: Adapter, transport = json(), startTimeout = 10_000) =>
    errorOf(
      Snakepit.start({ adapter, transports: [transport], logger: false, pool: { size: 1, startTimeout } }),
    )
  const adapter = (launch: Adapter["launch"]): Adapter => ({ name: "mine", launch })
  const transport = (open: Transport["open"]): Transport => ({ name: "json", open })
  const never = (): Promise<never> => new Promise(() => {})
  const refuse = (): never => {
    throw new Error("not today")
  }

  test("launch() that throws, or never resolves", async () => {
    expect(await failing(adapter(refuse))).toMatchObject({
      reason: "launch",
      message: "worker default-1 (mine) could not start: not today",
    })
    expect(await failing(adapter(never), json(), 200)).toMatchObject({ reason: "timeout" })
  })

  test("open() that rejects, or never resolves", async () => {
    const rejected = await failing(
      good,
      transport(async () => refuse()),
    )
    expect(rejected).toMatchObject({ reason: "handshake", message: expect.stringContaining("not today") })
    expect(await failing(good, transport(never), 1000)).toMatchObject({ reason: "timeout" })
  })
})

test("one pool that cannot start fails them all", async () => {
  const mark = `START_MARK=${randomUUID()}`
  const env = { START_MARK: mark.slice("START_MARK=".length) }
  const pools = {
    good: { size: 2, adapter: tools("basic:Basic", { env }) },
    bad: { size: 2, adapter: tools("broken.raises:Raises", { env }) },
  }
  const error = await errorOf(Snakepit.start({ transports: [json()], logger: false, pools }))
  expect(error).toMatchObject({ _tag: "StartFailed", workerId: expect.stringMatching(/^bad-/) })
  expect(processesWith(mark)).toEqual([])
})

test("a pool that waits for its first worker only starts although another one cannot", async () => {
  // Every start but the first fails: there is one license.
  const license = join(await folder(), "license")
  const wrapper = await script(`mkdir '${license}' 2>/dev/null || exit 9\nexec '${await interpreter()}' "$@"`)
  const failures: string[] = []
  const pit = await Snakepit.start({
    adapter: python({ python: wrapper, adapter: "basic:Basic", cwd: adapters }),
    transports: [json()],
    logger: false,
    waitFor: "first",
    pool: { size: 2 },
  })
  const failed = new Promise<void>((resolve) =>
    pit.on("snakepit.worker.start_failed", ({ metadata }) => {
      failures.push(metadata.error)
      resolve()
    }),
  )
  expect(await pit.execute("echo", { value: 1 })).toBe(1)
  await failed
  expect(failures[0]).toContain("exited with code 9")
  await pit.close()
})
