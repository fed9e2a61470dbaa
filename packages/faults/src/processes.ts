import { execFileSync } from "node:child_process"
import { readdirSync, readFileSync } from "node:fs"

const linux = process.platform === "linux"

/** Whether a process runs: a zombie does not. */
export function isAlive(pid: number): boolean {
  const state = stateOf(pid)
  return state !== "" && !/^[ZX]/.test(state)
}

/** Waits until something holds; the test's own timeout bounds the wait. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 1))
}

/** Resolves when a process has ended, whoever its parent is. */
export function gone(pid: number): Promise<void> {
  return until(() => !isAlive(pid))
}

/** The state of a process as `ps` writes it (`R`, `S`, `T`, `Z` …); empty when there is none. */
export function stateOf(pid: number): string {
  if (linux) {
    const stat = read(`/proc/${pid}/stat`)
    // The command stands in parentheses, and may contain some itself.
    return stat.slice(stat.lastIndexOf(")") + 2).charAt(0)
  }
  return ps("stat=", pid).charAt(0)
}

/** The parent of a process; 0 when there is no such process. Linux alone. */
export function parentOf(pid: number): number {
  const stat = read(`/proc/${pid}/stat`)
  return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1] ?? 0)
}

/** Bytes of memory that a process has in use; 0 when there is none. */
export function memoryOf(pid: number): number {
  if (!linux) return Number(ps("rss=", pid)) * 1024
  return Number(/^VmRSS:\s+(\d+)/m.exec(read(`/proc/${pid}/status`))?.[1] ?? 0) * 1024
}

/** Numbers of the descriptors that a process has open. Linux alone. */
export function descriptorNumbersOf(pid: number): number[] {
  return readdirSync(`/proc/${pid}/fd`).map(Number)
}

/** Processes that run with this entry (`NAME=value`) in their environment, children of workers included. Linux alone. */
export function processesWith(entry: string): number[] {
  return allProcesses().filter((pid) => isAlive(pid) && list(`/proc/${pid}/environ`).includes(entry))
}

/** The command line of a process. Linux alone. */
export function commandLineOf(pid: number): string {
  return list(`/proc/${pid}/cmdline`).join(" ")
}

/** Every pid there is. Linux alone. */
export function allProcesses(): number[] {
  return readdirSync("/proc")
    .map(Number)
    .filter((pid) => pid > 0)
}

/** The variables of a process's environment. Linux alone. */
export function environmentOf(pid: number): Map<string, string> {
  const entries = list(`/proc/${pid}/environ`).filter((entry) => entry.includes("="))
  return new Map(entries.map((entry) => [entry.split("=", 1)[0] ?? "", entry.slice(entry.indexOf("=") + 1)]))
}

const list = (file: string): string[] => read(file).split("\0")

/** Empty when the process has ended, or is not ours to look at. */
function read(file: string): string {
  try {
    return readFileSync(file, "utf8")
  } catch {
    return ""
  }
}

function ps(field: string, pid: number): string {
  try {
    return execFileSync("ps", ["-o", field, "-p", `${pid}`], { encoding: "utf8" }).trim()
  } catch {
    return ""
  }
}
