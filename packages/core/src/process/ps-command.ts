import { execFileSync } from "node:child_process"
import type { GroupMember, ProcessFacts, ProcessSource } from "./process-facts.js"

/** Processes as the `ps` command of POSIX shows them, where there is no `/proc`. A look takes some milliseconds. */
export const psCommand: ProcessSource = {
  read(pid) {
    return parse(ps([...columns, "-p", String(pid)])).get(pid)
  },

  all() {
    return parse(ps(["-A", ...columns]))
  },

  members(groups) {
    const rows = ps(["-A", "-o", "pgid=,rss="]).trim().split("\n")
    return rows.flatMap((row): GroupMember[] => {
      const [pgid = Number.NaN, kibibytes = 0] = row.trim().split(/\s+/).map(Number)
      return groups.has(pgid) ? [{ pgid, rss: kibibytes * 1024 }] : []
    })
  },
}

const columns = ["-o", "pid=,state=,pgid=,ppid=,lstart="]

function parse(output: string): Map<number, ProcessFacts> {
  const found = new Map<number, ProcessFacts>()
  for (const row of output.split("\n")) {
    const [, pid, state, pgid, ppid, startTime] =
      /^(\d+)\s+(\S)\S*\s+(\d+)\s+(\d+)\s+(.+)$/.exec(row.trim()) ?? []
    if (state === undefined || startTime === undefined) continue
    found.set(Number(pid), { state, startTime, pgid: Number(pgid), ppid: Number(ppid) })
  }
  return found
}

function ps(args: readonly string[]): string {
  try {
    return execFileSync("ps", args, {
      encoding: "utf8",
      // Start times must read the same in every host, whatever its language and place.
      env: { PATH: process.env.PATH ?? "/bin:/usr/bin", LC_ALL: "C", TZ: "UTC" },
      stdio: ["ignore", "pipe", "ignore"],
      timeout: 2000,
      maxBuffer: 16 * 2 ** 20,
    })
  } catch {
    return ""
  }
}
