import { readdirSync, readFileSync } from "node:fs"
import type { GroupMember, ProcessFacts, ProcessSource } from "./process-facts.js"

/** Processes as Linux shows them in `/proc`. */
export const procFiles: ProcessSource = {
  read(pid) {
    return parseStat(contents(pid, "stat"))
  },

  all() {
    const processes = processIds().map((pid) => [pid, procFiles.read(pid)] as const)
    return new Map(processes.filter((entry): entry is [number, ProcessFacts] => entry[1] !== undefined))
  },

  memory: residentBytes,

  members(groups) {
    return [...procFiles.all()].flatMap(([pid, { pgid }]): GroupMember[] =>
      groups.has(pgid) ? [{ pgid, rss: residentBytes(pid) ?? 0 }] : [],
    )
  },
}

function processIds(): number[] {
  try {
    return readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
  } catch {
    return []
  }
}

/** The environment that a process started its program with, as `NAME=value`; `undefined` if it cannot be read. */
export function environmentOf(pid: number): readonly string[] | undefined {
  return contents(pid, "environ")?.split("\0")
}

/** Reads `/proc/PID/stat`. The command's name, in parentheses, may hold anything, spaces and `)` too. */
export function parseStat(text: string | undefined): ProcessFacts | undefined {
  if (text === undefined) return undefined
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ")
  const [state, ppid, pgid] = fields
  const startTime = fields[19]
  if (!state || startTime === undefined) return undefined
  return { state, startTime, pgid: Number(pgid), ppid: Number(ppid) }
}

/** In bytes by the kernel's own count: the page size, which `stat` would need, is not known to Node. */
function residentBytes(pid: number): number | undefined {
  const kibibytes = /^VmRSS:\s+(\d+) kB/m.exec(contents(pid, "status") ?? "")?.[1]
  return kibibytes === undefined ? undefined : Number(kibibytes) * 1024
}

function contents(pid: number, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8")
  } catch {
    return undefined
  }
}
