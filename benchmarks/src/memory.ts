import { readFileSync } from "node:fs"

/**
 * Memory of processes in MiB; what several of them share is divided among them.
 * @returns `undefined` where the kernel does not tell (anywhere but on Linux)
 */
export function proportionalMemory(pids: readonly number[]): number | undefined {
  try {
    return pids.reduce((sum, pid) => sum + kibibytes(pid), 0) / 1024
  } catch {
    return undefined
  }
}

/**
 * Resident memory of a process in MB.
 * @returns `undefined` where the kernel does not tell (anywhere but on Linux)
 */
export function residentMemory(pid: number): number | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8")
    return (Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) * 1024) / 1e6
  } catch {
    return undefined
  }
}

function kibibytes(pid: number): number {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8")
  return Number(/^Pss:\s+(\d+) kB/m.exec(rollup)?.[1])
}
