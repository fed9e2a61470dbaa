import { execFileSync, spawnSync } from "node:child_process"
import {
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { defineAdapter } from "@snakepit/core"
import { type PythonOptions, python } from "@snakepit/python-bridge"
import { describe, expect, test } from "vitest"
import { adapters, folder, interpreter, script, start } from "./helpers.js"

const packageFolder = fileURLToPath(new URL("..", import.meta.url))
const carried = join(packageFolder, "python/src/snakepit_bridge")

interface Launched {
  readonly executable: string
  readonly cwd: string
  readonly args: readonly string[]
  readonly bridge: string
  readonly version: string
}

/** What a worker with these options says about itself. */
async function launchedWith(options: PythonOptions): Promise<Launched> {
  const adapter = python({ adapter: "environment:Environment", cwd: adapters, ...options })
  const pit = await start("", {}, { adapter })
  return pit.execute<Launched>("launched")
}

/** Nothing of the environment of these tests shall decide. */
const unset = { SNAKEPIT_PYTHON: undefined, VIRTUAL_ENV: undefined }

/** A folder with a virtual environment, as far as it matters: its interpreter. */
async function projectWithVenv(name = ".venv"): Promise<string> {
  const project = realpathSync(await folder())
  await addInterpreter(join(project, name))
  return project
}

/** A wrapper says where it lies in a variable, since Python itself would follow a link. */
async function addInterpreter(venv: string): Promise<void> {
  await script(`FOUND_AT='${venv}' exec '${await interpreter()}' "$@"`, join(venv, "bin/python"))
}

describe("the interpreter is looked for in this order:", () => {
  async function foundAt(options: PythonOptions): Promise<string | null> {
    const pit = await start(
      "environment:Environment",
      {},
      { python: { ...options, cwd: options.cwd ?? adapters } },
    )
    return pit.execute("variable", { name: "FOUND_AT" })
  }

  test("option python, option venv, SNAKEPIT_PYTHON, VIRTUAL_ENV, the nearest .venv", async () => {
    const project = await projectWithVenv()
    for (const name of ["option", "venv", "variable", "active"]) await addInterpreter(join(project, name))
    const deep = join(project, "a/b")
    mkdirSync(deep, { recursive: true })
    writeFileSync(join(deep, "environment.py"), readFileSync(join(adapters, "environment.py")))
    const env = {
      SNAKEPIT_PYTHON: join(project, "variable/bin/python"),
      VIRTUAL_ENV: join(project, "active"),
    }
    const all = { python: "../../option/bin/python", venv: "../../venv", env, cwd: deep }
    expect(await foundAt(all)).toBe(join(project, "option"))
    const { python: _python, ...withVenv } = all
    expect(await foundAt(withVenv)).toBe(join(project, "venv"))
    const { venv: _venv, ...withVariable } = withVenv
    expect(await foundAt(withVariable)).toBe(join(project, "variable"))
    expect(await foundAt({ cwd: deep, env: { ...env, SNAKEPIT_PYTHON: undefined } })).toBe(
      join(project, "active"),
    )
    expect(await foundAt({ cwd: deep, env: unset })).toBe(join(project, ".venv"))
    await addInterpreter(join(project, "a/.venv"))
    expect(await foundAt({ cwd: deep, env: unset })).toBe(join(project, "a/.venv"))
  })

  test("python3 of the PATH at last", async () => {
    const cwd = await folder()
    cpSync(join(adapters, "environment.py"), join(cwd, "environment.py"))
    const bin = join(cwd, "somewhere")
    await script(`FOUND_AT=path exec '${await interpreter()}' "$@"`, join(bin, "python3"))
    expect(await foundAt({ cwd, env: { ...unset, PATH: `${bin}:${process.env.PATH}` } })).toBe("path")
  })

  test("a broken link to an interpreter is no interpreter", async () => {
    const project = await projectWithVenv()
    const inner = join(project, "inner")
    mkdirSync(join(inner, ".venv/bin"), { recursive: true })
    symlinkSync("/nowhere/python3", join(inner, ".venv/bin/python"))
    writeFileSync(join(inner, "environment.py"), readFileSync(join(adapters, "environment.py")))
    expect(await foundAt({ cwd: inner, env: unset })).toBe(join(project, ".venv"))
  })
})

describe("an adapter is named", () => {
  test.each([
    "environment:Environment",
    "environment.Environment",
    "./environment.py:Environment",
    "environment.py:Environment",
    join(adapters, "environment.py:Environment"),
    "snakepit_bridge.adapters.showcase:ShowcaseAdapter",
  ])("%s", async (adapter) => {
    const pit = await start("", {}, { adapter: python({ adapter, cwd: adapters }) })
    expect(pit.tools.list().pools.default?.length).toBeGreaterThan(1)
  })

  test.each([
    "",
    "environment",
    "Environment:",
    ":Environment",
    "environment:Environment:Other",
    "../adapters/environment.py:Environment",
    "./broken/../environment.py:Environment",
    "environment.py",
    "environment;import os:Environment",
    "--help:Environment",
    "1environment:Environment",
    "environment:Environment()",
    "./environment.txt:Environment",
  ])("but not %o", (adapter) => {
    expect(() => python({ adapter })).toThrow(
      expect.objectContaining({ _tag: "InvalidConfig", key: "adapter" }),
    )
    expect(() => python({ adapter })).toThrow(/use "my_module:MyAdapter"/)
  })
})

test("a worker gets its working directory, its arguments and its environment", async () => {
  const adapter = python({
    adapter: "environment:Environment",
    cwd: adapters,
    args: ["--model", "resnet50", "--adapter-like"],
    env: { ADDED: "mine", HOME: undefined, OMP_NUM_THREADS: "3" },
  })
  const pit = await start("", {}, { adapter })
  expect(await pit.execute("launched")).toMatchObject({
    cwd: adapters,
    args: ["--model", "resnet50", "--adapter-like"],
  })
  const variable = (name: string) => pit.execute("variable", { name })
  expect(await variable("ADDED")).toBe("mine")
  expect(await variable("HOME")).toBeNull()
  expect(await variable("PATH")).toBe(process.env.PATH)
  expect(await variable("OMP_NUM_THREADS")).toBe("3")
  expect(await variable("OPENBLAS_NUM_THREADS")).toBe("1")
  // What host and worker need to find each other is nothing to a tool or its children.
  const names = await pit.execute<string[]>("snakepit_variables")
  expect(names.filter((name) => /CHANNEL|LIFELINE|OFFER|SITE/.test(name))).toEqual([])
})

describe("the bridge", () => {
  /** A virtual environment with the bridge in its site-packages, as pip would have put it there. */
  async function venvWithBridge(): Promise<{ venv: string; installed: string }> {
    const venv = join(realpathSync(await folder()), "venv")
    execFileSync(await interpreter(), ["-m", "venv", "--without-pip", venv])
    const lib = join(venv, "lib")
    const version = readdirSync(lib).find((name) => name.startsWith("python3"))
    const installed = join(lib, String(version), "site-packages/snakepit_bridge")
    cpSync(carried, installed, { recursive: true, filter: (path) => !path.endsWith("__pycache__") })
    return { venv, installed }
  }

  test("is the one that this package carries: nothing has to be installed, whatever is", async () => {
    const { venv, installed } = await venvWithBridge()
    expect(await launchedWith({ venv })).toMatchObject({
      bridge: carried,
      executable: join(venv, "bin/python"),
    })
    // An older one, left behind by somebody, cannot be met by mistake.
    writeFileSync(join(installed, "__init__.py"), "raise SystemError('the installed one')")
    expect(await launchedWith({ venv })).toMatchObject({ bridge: carried })
  })

  test("that is installed works without the carried one, on either channel", async () => {
    const { venv, installed } = await venvWithBridge()
    for (const channel of ["fd", "stdio"] as const) {
      const adapter = defineAdapter({
        name: "installed",
        launch: () => ({
          executable: join(venv, "bin/python"),
          args: ["-m", "snakepit_bridge", "--adapter", "environment:Environment"],
          cwd: adapters,
          env: { ...process.env, PYTHONPATH: undefined },
          channel,
        }),
      })
      const pit = await start("", {}, { adapter })
      expect(await pit.execute("launched")).toMatchObject({ bridge: installed })
    }
  })

  test("has the version of the package that carries it", async () => {
    const { version } = JSON.parse(readFileSync(join(packageFolder, "package.json"), "utf8"))
    expect((await launchedWith({})).version).toBe(version)
    expect(readFileSync(join(packageFolder, "python/pyproject.toml"), "utf8")).toContain(
      `version = "${version}"`,
    )
  })

  test("run by hand says what it is", async () => {
    const env = { ...process.env, PYTHONPATH: join(carried, "..") }
    const { status, stderr } = spawnSync(await interpreter(), ["-m", "snakepit_bridge"], {
      env,
      encoding: "utf8",
    })
    expect(status).toBe(2)
    expect(stderr).toContain("This is a Snakepit worker; a host starts it")
  })
})
