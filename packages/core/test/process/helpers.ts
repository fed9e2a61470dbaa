import { execFileSync } from "node:child_process"
import { readdirSync, readFileSync, readlinkSync } from "node:fs"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { createInterface } from "node:readline"
import type { Readable } from "node:stream"
import { fileURLToPath } from "node:url"
import { onTestFinished } from "vitest"
import type { LaunchPlan, ProcessPlan } from "../../src/adapter/adapter.js"
import { launch } from "../../src/process/launch.js"
import type { LaunchedWorker, OutputLine } from "../../src/process/launched.js"

export function python(script: string, plan: Partial<ProcessPlan> = {}): ProcessPlan {
  return { executable: "python3", args: ["-u", "-c", script], ...plan }
}

export interface Started {
  readonly worker: LaunchedWorker
  readonly lines: OutputLine[]
}

/** Launches a worker that is gone when the test is. */
export async function start(plan: LaunchPlan, onOutput?: (line: OutputLine) => void): Promise<Started> {
  const lines: OutputLine[] = []
  const worker = await launch(plan, {
    offer: ["json"],
    onOutput(line) {
      lines.push(line)
      onOutput?.(line)
    },
  })
  onTestFinished(async () => {
    worker.kill()
    await worker.exited
  })
  return { worker, lines }
}

export function pidOf(worker: LaunchedWorker): number {
  if (worker.pid === null) throw new Error("the worker has no process")
  return worker.pid
}

/** Reads a pid that a worker wrote; that process does not outlive the test. */
export function strayPid(text: string): number {
  const pid = Number(text)
  // Must never reach `kill`: 0 is the group of the tests themselves.
  if (!Number.isInteger(pid) || pid <= 1) throw new Error(`not a pid: ${JSON.stringify(text)}`)
  onTestFinished(() => {
    if (isAlive(pid)) process.kill(pid, "SIGKILL")
  })
  return pid
}

/**
 * A worker that exits and leaves a child outside its group. The child says its pid, holds channel and output,
 * and ends when the host has closed the channel.
 */
export const escapes = `
import os
said, say = os.pipe()
if os.fork() == 0:
    os.setsid()
    os.write(3, b"%d\\n" % os.getpid())
    os.write(say, b".")
    while os.read(3, 1): pass
    os._exit(0)
os.read(said, 1)
os._exit(0)
`

/** The lines of a stream one by one; rejects when there is none left. */
export function lineReader(stream: Readable): () => Promise<string> {
  const lines = createInterface({ input: stream })[Symbol.asyncIterator]()
  return async () => {
    const next = await lines.next()
    if (next.done) throw new Error("the stream has ended")
    return next.value
  }
}

/** Everything that is left on a stream until it closes. */
export async function rest(stream: Readable): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
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

/** The processes whose working directory is `folder`. */
export function processesIn(folder: string): number[] {
  return readdirSync("/proc")
    .map(Number)
    .filter((pid) => {
      try {
        return pid > 0 && readlinkSync(`/proc/${pid}/cwd`) === folder
      } catch {
        return false
      }
    })
}

/** Resolves when a process has ended, whoever its parent is. The test's own timeout bounds it. */
export async function gone(pid: number): Promise<void> {
  while (isAlive(pid)) await new Promise(setImmediate)
}

/** Compiles `src/process` for host programs that a test starts with plain Node. */
export async function compileProcessFolder(): Promise<{
  launchUrl: string
  registryUrl: string
  remove(): Promise<void>
}> {
  const core = fileURLToPath(new URL("../..", import.meta.url))
  const outDir = await mkdtemp(join(tmpdir(), "snakepit-host-"))
  const compiler = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin/tsc")
  const flags = ["--ignoreConfig", "--rootDir", join(core, "src"), "--outDir", outDir]
  const target = ["--target", "es2023", "--module", "nodenext", "--types", "node", "--skipLibCheck"]
  const urlOf = (module: string) => new URL(`file://${join(outDir, "process", module)}.js`).href
  execFileSync(process.execPath, [compiler, ...flags, ...target, join(core, "src/process/launch.ts")], {
    cwd: core,
    stdio: "inherit",
  })
  await writeFile(join(outDir, "package.json"), '{"type":"module"}')
  return {
    launchUrl: urlOf("launch"),
    registryUrl: urlOf("registry/registry"),
    remove: () => rm(outDir, { recursive: true }),
  }
}
