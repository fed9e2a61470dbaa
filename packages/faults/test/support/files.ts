import { existsSync, readFileSync } from "node:fs"
import { until } from "../../src/processes.js"

/** Resolves when there is such a file. The test's own timeout bounds the wait. */
export const exists = (path: string): Promise<void> => until(() => existsSync(path))

/** The lines of a file that tools append to; none when there is no such file. */
export function lines(path: string): string[] {
  return existsSync(path) ? readFileSync(path, "utf8").trimEnd().split("\n") : []
}
