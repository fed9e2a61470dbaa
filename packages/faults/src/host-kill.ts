import { randomUUID } from "node:crypto"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { hostProgram } from "./host-program.js"
import { commandLineOf, processesWith } from "./processes.js"
import type { Launch } from "./workers.js"

/** What the workers of a host do when it is killed. */
export const workerStates = ["idle", "busy", "hold", "stop", "forking", "child"] as const

/** `all`: a worker in each state. `starting`: twenty workers, some of them launched, some greeting, some ready. */
export type HostState = "all" | "starting"

export interface HostKillOptions {
  readonly state: HostState
  readonly launch: Launch
  /** How long after it began to start its workers the host is killed; for `starting`. */
  readonly delayMs: number
}

export interface HostKill extends HostKillOptions {
  /** Processes that the host had at its end. */
  readonly processes: number
  /** From the kill until none was left. */
  readonly ms: number
  /** What was left when the time was over, as `"pid command"`; it has been killed since. */
  readonly left: readonly string[]
}

const inEveryState = `
const pit = await Snakepit.start({ ...config, pool: { size: ${workerStates.length}, heartbeat: false } })
const failed = (error) => { console.error(error); process.exit(3) }
const busy = ["spin", "hold", "stop", "forking"]
for (const tool of busy) pit.execute(tool, { touch: process.env.FOLDER + "/" + tool }, { timeout: Infinity }).catch(failed)
await Promise.all(busy.map((tool) => there(process.env.FOLDER + "/" + tool)))
await pit.execute("child")
say("ready")
await sleep(600_000)
`

const starting = `
const begun = Snakepit.start({ ...config, pool: { size: 20 } })
say("starting")
await begun
await sleep(600_000)
`

/** Starts a host, kills it, and waits until none of its processes is left, at most `limitMs`. Linux alone. */
export async function killHost(options: HostKillOptions, limitMs = 10_000): Promise<HostKill> {
  const folder = await mkdtemp(join(tmpdir(), "snakepit-host-"))
  const mark = `SNAKEPIT_HOST_RUN=${randomUUID()}`
  const env = { SNAKEPIT_HOST_RUN: mark.split("=")[1], FOLDER: folder, LAUNCH: options.launch }
  const host = hostProgram(options.state === "all" ? inEveryState : starting, env)
  try {
    await host.line()
    if (options.state === "starting") await sleep(options.delayMs)
    const processes = processesWith(mark).length - 1
    const at = performance.now()
    host.kill("SIGKILL")
    await host.exit
    const left = await remaining(mark, at + limitMs)
    return { ...options, processes, ms: performance.now() - at, left }
  } finally {
    host.kill("SIGKILL")
    await rm(folder, { recursive: true, force: true })
  }
}

async function remaining(mark: string, end: number): Promise<string[]> {
  let pids = processesWith(mark)
  while (pids.length > 0 && performance.now() < end) {
    await sleep(2)
    pids = processesWith(mark)
  }
  const left = pids.map((pid) => `${pid} ${commandLineOf(pid)}`)
  for (const pid of pids) process.kill(pid, "SIGKILL")
  return left
}

/** How long the slowest kill took, by launch and state, for people. */
export function describeKills(kills: readonly HostKill[], seed: number): string {
  const groups = new Map<string, HostKill[]>()
  for (const kill of kills) {
    const name = `${kill.launch}, ${kill.state}`
    groups.set(name, [...(groups.get(name) ?? []), kill])
  }
  const lines = [...groups].map(([name, group]) => {
    const slowest = Math.max(...group.map(({ ms }) => ms))
    const most = Math.max(...group.map(({ processes }) => processes))
    const left = group.reduce((sum, one) => sum + one.left.length, 0)
    return `  ${name}: ${group.length} kills, up to ${most} processes, slowest ${Math.round(slowest)} ms, ${left} left`
  })
  return [`host killed ${kills.length} times; seed ${seed}`, ...lines].join("\n")
}
