import { execFile, spawn } from "node:child_process"
import { once } from "node:events"
import { readdirSync, readFileSync } from "node:fs"
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { type LogRecord, type PoolConfig, Snakepit, type SnakepitConfig } from "@snakepit/core"
import { type PythonOptions, python } from "@snakepit/python-bridge"
import { json } from "@snakepit/transport-json"
import { onTestFinished } from "vitest"

/** Where the adapters of these tests lie; also the working directory of their workers. */
export const adapters = fileURLToPath(new URL("adapters", import.meta.url))

export const channels = ["fd", "stdio"] as const

/** An adapter of the folder `adapters`: `"noise:Noise"` is class `Noise` of `noise.py`. */
export function tools(name: string, options: PythonOptions = {}) {
  return python({ adapter: name, cwd: adapters, ...options })
}

/** A configuration over JSON, silent unless it says otherwise. */
export function config(
  name: string,
  pool: PoolConfig = {},
  more: Partial<SnakepitConfig> & { readonly python?: PythonOptions } = {},
): SnakepitConfig {
  const { python: options, ...rest } = more
  return {
    adapter: more.adapter ?? tools(name, options),
    transports: [json()],
    logger: false,
    ...(rest.pools === undefined && { pool: { size: 1, ...pool } }),
    ...rest,
  }
}

/** Starts, and closes when the test is over. */
export async function start(...args: Parameters<typeof config>): Promise<Snakepit> {
  const pit = await Snakepit.start(config(...args))
  onTestFinished(() => pit.close({ grace: 0 }))
  return pit
}

/** A folder that is gone when the test is. */
export async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "snakepit-test-"))
  onTestFinished(() => rm(path, { recursive: true, force: true }))
  return path
}

/** The interpreter that the tests' workers run on. */
export async function interpreter(): Promise<string> {
  const { signal } = new AbortController()
  const worker = { workerId: "", pool: "", poolSize: 1, profile: "process", threads: 1 } as const
  const plan = await tools("basic:Basic").launch({ ...worker, offer: [], signal })
  if (plan.kind === "in-process") throw new Error("Python runs in a process of its own")
  return plan.executable
}

/** A shell script that can be run, at a path or in a folder of its own. */
export async function script(lines: string, path?: string): Promise<string> {
  const file = path ?? join(await folder(), "python")
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, `#!/bin/sh\n${lines}\n`, { mode: 0o755 })
  return file
}

/** The error that a promise rejects with; a promise that resolves is the failure. */
export async function errorOf(promise: Promise<unknown>): Promise<Record<string, unknown> & Error> {
  try {
    await promise
  } catch (error) {
    if (error instanceof Error) return error as Error & Record<string, unknown>
    throw error
  }
  throw new Error("it did not fail")
}

export async function collect<T>(values: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const value of values) all.push(value)
  return all
}

/** The log records that have come, and a way to wait for one. */
export class Records {
  readonly all: LogRecord[] = []
  #waiting: (() => void)[] = []

  readonly logger = (record: LogRecord): void => {
    this.all.push(record)
    for (const wake of this.#waiting.splice(0)) wake()
  }

  /** The first record that fits; waits for it. The test's own timeout bounds the wait. */
  async first(fits: (record: LogRecord) => boolean): Promise<LogRecord> {
    for (;;) {
      const found = this.all.find(fits)
      if (found !== undefined) return found
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
  }

  /** The first record with this text. */
  saying(message: string): Promise<LogRecord> {
    return this.first((record) => record.message.includes(message))
  }
}

/** Whether a process runs: a zombie does not. */
export function isAlive(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8")
    return !/^[ZX]/.test(stat.slice(stat.lastIndexOf(")") + 2))
  } catch {
    return false
  }
}

/** Waits until something holds; the test's own timeout bounds the wait. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise(setImmediate)
}

/** Resolves when a process has ended, whoever its parent is. */
export function gone(pid: number): Promise<void> {
  return until(() => !isAlive(pid))
}

/** Processes that run with this entry in their environment, children of workers included. */
export function processesWith(entry: string): number[] {
  return readdirSync("/proc")
    .map(Number)
    .filter((pid) => pid > 0 && isAlive(pid) && environmentOf(pid).includes(entry))
}

function environmentOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, "utf8").split("\0")
  } catch {
    return []
  }
}

export interface Program {
  readonly pid: number
  /** The next line that it prints. */
  line(): Promise<string>
  readonly exit: Promise<{ code: number | null; signal: NodeJS.Signals | null; stderr: string }>
  kill(signal: NodeJS.Signals): void
}

const packageFolder = fileURLToPath(new URL("..", import.meta.url))

/** What every program begins with: `config` as above, for the adapter `basic:Basic`. */
const prelude = `
import { Snakepit } from "@snakepit/core"
import { python } from "@snakepit/python-bridge"
import { json } from "@snakepit/transport-json"
const adapter = python({ adapter: "basic:Basic", cwd: ${JSON.stringify(adapters)} })
const config = { adapter, transports: [json()], pool: { size: 2 }, logger: false }
const pids = (pit) => console.log(JSON.stringify(pit.workers().map((worker) => worker.pid)))
`

/** Runs a program of its own Node process, as a user would write it. */
export function program(source: string, env: NodeJS.ProcessEnv = {}): Program {
  const child = spawn(process.execPath, ["--input-type=module", "-e", `${prelude}\n${source}`], {
    cwd: packageFolder,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  })
  onTestFinished(() => void child.kill("SIGKILL"))
  const lines: string[] = []
  let text = ""
  let stderr = ""
  let wake = (): void => {}
  child.stdout.setEncoding("utf8").on("data", (part: string) => {
    text += part
    lines.push(...text.split("\n").slice(0, -1))
    text = text.slice(text.lastIndexOf("\n") + 1)
    wake()
  })
  child.stderr.setEncoding("utf8").on("data", (part: string) => {
    stderr += part
  })
  const exit = once(child, "close").then(([code, signal]) => ({ code, signal, stderr }))
  return {
    pid: child.pid ?? 0,
    exit,
    kill: (signal) => void child.kill(signal),
    async line() {
      const ended = exit.then(() => "ended")
      while (lines.length === 0) {
        const changed = new Promise<void>((resolve) => {
          wake = resolve
        })
        if ((await Promise.race([changed, ended])) === "ended" && lines.length === 0)
          throw new Error(`the program ended without another line\n${stderr}`)
      }
      return lines.shift() as string
    },
  }
}

/** Numbers from 0 up to 1, the same ones for the same seed (xorshift). */
export function randomNumbers(seed: number): () => number {
  let state = seed | 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
}

/** Real data sets, as scikit-learn brings them: `iris.csv` and others. */
export async function sampleFolder(): Promise<string> {
  const find = "import importlib.util as u; print(u.find_spec('sklearn').submodule_search_locations[0])"
  const { stdout } = await promisify(execFile)(await interpreter(), ["-c", find])
  return join(stdout.trim(), "datasets", "data")
}
