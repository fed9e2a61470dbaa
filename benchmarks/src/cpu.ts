import { readdirSync, readFileSync } from "node:fs"

/**
 * CPU time that all threads of the processes have used so far, in µs.
 * @returns `undefined` where the kernel does not tell (anywhere but on Linux)
 */
export function processCpu(pids: readonly number[]): number | undefined {
  try {
    return pids.flatMap(threadTimes).reduce((sum, time) => sum + time, 0)
  } catch {
    return undefined
  }
}

function threadTimes(pid: number): readonly number[] {
  return readdirSync(`/proc/${pid}/task`).map((thread) => {
    const [nanoseconds] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8").split(" ")
    return Number(nanoseconds) / 1000
  })
}

/** CPU time that this process has used so far, in µs. */
export function ownCpu(): number {
  const { user, system } = process.cpuUsage()
  return user + system
}
