import { hasProcessGroups } from "./platform.js"
import { procFiles } from "./proc-files.js"
import type { ProcessFacts, ProcessSource } from "./process-facts.js"
import { psCommand } from "./ps-command.js"

export type { ProcessFacts } from "./process-facts.js"

const source: ProcessSource | undefined =
  process.platform === "linux" ? procFiles : hasProcessGroups ? psCommand : undefined

/** What is known of a process; `undefined` if there is none, and always on Windows. A zombie is still there. */
export function readProcess(pid: number): ProcessFacts | undefined {
  return source?.read(pid)
}

/** All processes by pid, in one look: cheaper than asking for many one by one. Empty on Windows. */
export function allProcesses(): ReadonlyMap<number, ProcessFacts> {
  return source?.all() ?? new Map()
}

/** Whether a process runs or is stopped. One that has ended and was not reaped yet (a zombie) is not alive. */
export function isAlive(pid: number): boolean {
  if (source === undefined) return answersSignals(pid)
  const facts = source.read(pid)
  return facts !== undefined && !hasEnded(facts)
}

export function hasEnded({ state }: ProcessFacts): boolean {
  return state === "Z" || state === "X"
}

/** The resident memory of a process in bytes; `undefined` if there is none, or it is too dear to find out here. */
export function residentMemory(pid: number): number | undefined {
  return source?.memory?.(pid)
}

/**
 * The resident memory of process groups in bytes, by leader, in one look at all processes. What processes share is
 * counted for each of them. A group of which nothing is left is missing; on Windows they all are.
 */
export function groupMemory(leaders: readonly number[]): ReadonlyMap<number, number> {
  const memory = new Map<number, number>()
  for (const { pgid, rss } of source?.members(new Set(leaders)) ?? [])
    memory.set(pgid, (memory.get(pgid) ?? 0) + rss)
  return memory
}

function answersSignals(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
