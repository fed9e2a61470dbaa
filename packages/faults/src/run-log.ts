import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import type { Run } from "./history.js"

/** A run as its tool noted it when it began. */
export interface LoggedRun extends Run {
  readonly pid: number
  /** Milliseconds of the system's monotonic clock; `monotonicMs` here. */
  readonly at: number
}

/** The clock that `time.monotonic_ns` of Python reads, too. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6
}

/** What the tools noted: a file for each process, named by its pid, a line for each run. */
export function readRuns(folder: string): LoggedRun[] {
  return readdirSync(folder).flatMap((file) =>
    readFileSync(join(folder, file), "utf8")
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => parse(line, Number.parseInt(file, 10))),
  )
}

function parse(line: string, pid: number): LoggedRun {
  const [id, nonce, nanoseconds] = line.split(" ")
  return { id: Number(id), nonce: nonce ?? "", at: Number(nanoseconds) / 1e6, pid }
}
