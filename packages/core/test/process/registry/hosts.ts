import { type ChildProcessByStdio, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Readable } from "node:stream"
import { onTestFinished } from "vitest"
import { readProcess } from "../../../src/process/process-table.js"
import { type HostIdentity, instanceKey, thisHost } from "../../../src/process/registry/identity.js"
import { changeLine, type EntryChange, headerLine } from "../../../src/process/registry/records.js"
import { openRegistry, type ProcessRegistry } from "../../../src/process/registry/registry.js"
import type { compileProcessFolder } from "../helpers.js"
import { lineReader, strayPid } from "../helpers.js"

/** An empty private folder that is gone when the test is. */
export function privateFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "snakepit-registry-"))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

export interface Opened {
  readonly registry: ProcessRegistry
  readonly warnings: string[]
}

/** A registry of this process. What it announces has ended when the test has. */
export function open(directory: string, token = ""): Opened {
  const warnings: string[] = []
  const registry = openRegistry({ name: "test", token, directory, warn: (text) => void warnings.push(text) })
  const announce = (nonce?: string) => {
    const announcement = registry.announce(nonce)
    onTestFinished(() => announcement.ended())
    return announcement
  }
  return { registry: { announce, sweep: () => registry.sweep() }, warnings }
}

/** What the files of a folder say, line by line. */
export function linesIn(directory: string): string[][] {
  return readdirSync(directory).map((file) =>
    readFileSync(join(directory, file), "utf8").trimEnd().split("\n"),
  )
}

/** The number and start time of a process that has ended. */
export async function deadHost(): Promise<HostIdentity> {
  const child = spawn("cat")
  const startTime = readProcess(child.pid ?? 0)?.startTime
  child.kill()
  await once(child, "exit")
  return { ...thisHost(), pid: child.pid ?? 0, startTime: startTime ?? "" }
}

/** Writes the file of a host, as that host would have. */
export function leaveFile(
  directory: string,
  host: HostIdentity,
  changes: readonly (EntryChange | string)[],
  token = "",
): string {
  const key = instanceKey("test", token)
  const lines = changes.map((change) => (typeof change === "string" ? `${change}\n` : changeLine(change)))
  const path = join(directory, `${key.slice(0, 16)}-${host.pid}-left`)
  writeFileSync(path, headerLine({ name: "test", key, ...host }) + lines.join(""), { mode: 0o600 })
  return path
}

/** A process of its own group with a nonce, that waits until it is killed. */
export function waiting(nonce: string): number {
  const child = spawn("sleep", ["1000"], {
    detached: true,
    stdio: "ignore",
    env: { ...process.env, SNAKEPIT_NONCE: nonce },
  })
  return strayPid(String(child.pid))
}

export interface Host {
  readonly child: ChildProcessByStdio<null, Readable, Readable>
  /** What it printed first. */
  readonly pids: readonly number[]
}

type Compiled = Awaited<ReturnType<typeof compileProcessFolder>>

/** Runs a program, below a limit of the shell's if one is given, with `launch`, a `registry` in `directory`, and `plan`: a worker that does not watch its lifeline. */
export async function host(
  { launchUrl, registryUrl }: Compiled,
  directory: string,
  source: string,
  { token = "", limit = "true" }: { readonly token?: string; readonly limit?: string } = {},
): Promise<Host> {
  const worker = `
import os, signal
child = os.fork()
if child: os.write(3, b"%d %d\\n" % (os.getpid(), child))
while True: signal.pause()
`
  const program = `
import { launch } from ${JSON.stringify(launchUrl)}
import { openRegistry } from ${JSON.stringify(registryUrl)}
const warn = (text) => console.error(text)
const registry = openRegistry({ name: "test", token: ${JSON.stringify(token)}, directory: ${JSON.stringify(directory)}, warn })
const plan = { executable: "python3", args: ["-c", ${JSON.stringify(worker)}] }
const keepAlive = setInterval(() => {}, 1000)
const said = (worker) => new Promise((resolve) => worker.channel.once("data", (data) => resolve(String(data).trim())))
${source}
`
  const limited = `${limit}; exec "$0" --input-type=module -e "$1"`
  const child = spawn("sh", ["-c", limited, process.execPath, program], {
    stdio: ["ignore", "pipe", "pipe"],
  })
  onTestFinished(() => void child.kill("SIGKILL"))
  const line = await lineReader(child.stdout)()
  return { child, pids: line === "" ? [] : line.split(" ").map(strayPid) }
}

export async function killed({ child }: Host): Promise<void> {
  child.kill("SIGKILL")
  await once(child, "exit")
}
