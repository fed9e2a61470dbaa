import { mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { type PoolConfig, Snakepit, type SnakepitConfig } from "@snakepit/core"
import type { PythonOptions } from "@snakepit/python-bridge"
import { onTestFinished } from "vitest"
import { config, folder } from "./helpers.js"

interface More extends Partial<SnakepitConfig> {
  readonly python?: PythonOptions
}

/** A configuration of forked workers, with the adapter `forked:Forked`. */
export function forkConfig(pool: PoolConfig = {}, { python, ...more }: More = {}): SnakepitConfig {
  return config("forked:Forked", pool, { ...more, python: { launch: "fork", ...python } })
}

/** Starts forked workers; all ends with the test. */
export async function startForked(...args: Parameters<typeof forkConfig>): Promise<Snakepit> {
  const pit = await Snakepit.start(forkConfig(...args))
  onTestFinished(() => pit.close({ grace: 0 }))
  return pit
}

/** Of the workers that are up. */
export function pidsOf(pit: Snakepit): number[] {
  return pit.workers().flatMap(({ pid }) => (pid === null ? [] : [pid]))
}

/** The fork server of these workers. */
export function serverOf(pit: Snakepit): number {
  const parents = new Set(pidsOf(pit).map(parentOf))
  const [server] = parents
  if (parents.size !== 1 || server === undefined) throw new Error("the workers have different parents")
  return server
}

export function parentOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8")
  return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1])
}

/** What a process has open, each thing by a name of its own; `/dev/null` left out. */
export function openIn(pid: number): string[] {
  const places = readdirSync(`/proc/${pid}/fd`).map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`))
  return places.filter((place) => place !== "/dev/null")
}

/** A folder with one module in it. */
export async function moduleFolder(name: string, source: string): Promise<string> {
  const path = join(await folder(), "modules")
  mkdirSync(path)
  writeFileSync(join(path, `${name}.py`), source)
  return path
}
