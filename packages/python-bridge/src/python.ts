import { delimiter, dirname, join, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import { type Adapter, InvalidConfig, type LaunchContext, type ProcessPlan } from "@snakepit/core"
import { checkEnvironment, type EnvironmentOption, environmentFrom } from "./environment.js"
import { checkLaunch, type ForkOptions, forkServer, forks } from "./fork-server.js"
import { findInterpreter, type Interpreter } from "./interpreter.js"

/** How Python workers are launched. */
export interface PythonOptions extends ForkOptions {
  /**
   * What to serve: `my_module:MyAdapter`, `my.module.MyAdapter` or `./file.py:MyAdapter`.
   * Default: the ShowcaseAdapter of the bridge.
   */
  readonly adapter?: string
  /**
   * A script that serves its own adapter by `ProtocolHandler(handler).run()`: `./my_script.py`. In place of
   * `adapter`.
   */
  readonly script?: string
  /**
   * Offers `python.call` and so on, for `pythonCalls(pit)`: any function of Python can then be called. Default: only when
   * neither `adapter` nor `script` is given.
   */
  readonly generic?: boolean
  /** The interpreter. Default: `venv`, `SNAKEPIT_PYTHON`, `VIRTUAL_ENV`, the nearest `.venv`, `python3`. */
  readonly python?: string
  /** The folder of a virtual environment whose interpreter to use. */
  readonly venv?: string
  /** The worker's working directory; relative paths and adapter files start here. A `file:` URL is fine, too. Default: the host's. */
  readonly cwd?: string | URL
  /**
   * The worker's environment: the host's, as little of it as possible, or the host's with these added. Default
   * `inherit`.
   */
  readonly env?: EnvironmentOption
  /** Arguments for the adapter itself. */
  readonly args?: readonly string[]
  /** `stdio` where a descriptor cannot be inherited. Default: `fd`, on Windows `stdio`. */
  readonly channel?: "fd" | "stdio"
}

/** The Python package that this package carries, so that nothing has to be installed by pip. */
const carriedPackage = join(dirname(fileURLToPath(import.meta.url)), "..", "python", "src")

/** Numeric libraries use one thread a process: the pool is what runs in parallel. The user's own values win. */
const threadLimits = {
  OPENBLAS_NUM_THREADS: "1",
  OMP_NUM_THREADS: "1",
  MKL_NUM_THREADS: "1",
  NUMEXPR_NUM_THREADS: "1",
}

/**
 * An adapter that launches Python workers.
 * @throws {InvalidConfig} when the name of the adapter or of the script cannot be one, or both are given.
 */
export function python(options: PythonOptions = {}): Adapter {
  const { adapter, script } = options
  if (adapter !== undefined) checkAdapter(adapter)
  if (script !== undefined) checkScript(script, adapter)
  checkEnvironment(options.env)
  checkLaunch(options)
  return { name: "python", launch: (context) => plan(options, context) }
}

function plan(options: PythonOptions, context: LaunchContext): ProcessPlan {
  const cwd = resolve(options.cwd instanceof URL ? fileURLToPath(options.cwd) : (options.cwd ?? "."))
  // Every look at a variable of `process.env` asks the system; a copy does so once.
  const host = { ...process.env }
  const given = environmentFrom(options.env, host)
  const interpreter = findInterpreter({ ...options, cwd, env: { ...host, ...given } })
  const channel = options.channel ?? (process.platform === "win32" ? "stdio" : "fd")
  // On a stdio channel a `sitecustomize` that prints would corrupt it, so the bridge runs `site` itself, later.
  const withoutSite = channel === "stdio"
  const args = [
    ...served(options),
    ...(options.generic === true ? ["--generic"] : []),
    ...(options.args ?? []),
  ]
  const executable = interpreter.path
  return {
    executable,
    args: [...(withoutSite ? ["-S"] : []), "-m", "snakepit_bridge", ...args],
    ...(forks(options, channel, context) && {
      forkServer: forkServer(options.launch, preloaded(options), executable, args),
    }),
    cwd,
    env: {
      ...(context.profile !== "thread" && threadLimits),
      ...given,
      PYTHONPATH: [carriedPackage, given.PYTHONPATH].filter(Boolean).join(delimiter),
      ...(withoutSite && { SNAKEPIT_SITE: "1" }),
    },
    channel,
    hint: advice(interpreter),
  }
}

/** The bridge's own adapter is safe to share; what a user's does when it is imported is for the user to know. */
function preloaded({ adapter, script, preload = [] }: PythonOptions): readonly string[] {
  const own = adapter === undefined && script === undefined
  return own ? [...preload, "snakepit_bridge.adapters.showcase"] : preload
}

function served({ adapter, script }: PythonOptions): string[] {
  if (script !== undefined) return ["--script", script]
  return adapter === undefined ? [] : ["--adapter", adapter]
}

function advice({ path, source }: Interpreter): string {
  return [
    `The Python interpreter ${path} comes from ${source}.`,
    "Install Python 3.9 or newer, or name an interpreter: the option `python`, the option `venv`,",
    "the variable SNAKEPIT_PYTHON, or a virtual environment `.venv` in the project.",
  ].join("\n")
}

function checkAdapter(adapter: string): void {
  const path = adapter.split(":")[0] ?? ""
  const isFile = /[\\/]|\.py$/.test(path)
  const named = isFile ? /^[^:]+\.py:[A-Za-z_]\w*$/ : /^[A-Za-z_][\w.]*[.:][A-Za-z_]\w*$/
  if (!climbs(path) && named.test(adapter)) return
  const message = `"${adapter}" names no adapter; use "my_module:MyAdapter", "my.module.MyAdapter" or "./file.py:MyAdapter" (without "..")`
  throw new InvalidConfig({ message, key: "adapter" })
}

function checkScript(script: string, adapter: string | undefined): void {
  const advice = `use a path such as "./my_script.py" (without "..")`
  if (adapter !== undefined)
    throw new InvalidConfig({ message: "name an adapter or a script, not both", key: "script" })
  if (climbs(script) || !/[^\\/]\.py$/.test(script))
    throw new InvalidConfig({ message: `"${script}" names no script; ${advice}`, key: "script" })
}

function climbs(path: string): boolean {
  return path.split(/[\\/]/).includes("..")
}
