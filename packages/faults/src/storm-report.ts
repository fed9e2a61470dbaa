import { execFileSync } from "node:child_process"
import type { Violation } from "./history.js"
import type { Percentiles } from "./recovery.js"
import type { StormOptions } from "./storm-options.js"

/** What became of a storm. */
export interface StormReport extends StormOptions {
  readonly seconds: number
  readonly faultsByKind: Readonly<Record<string, number>>
  /** How many calls ended with a value, and with each error. */
  readonly endings: Readonly<Record<string, number>>
  readonly violations: readonly Violation[]
  /** What went otherwise than it should, beside the violations of a history. */
  readonly problems: readonly string[]
  /** From a fault until all workers were up again. */
  readonly untilWhole: Percentiles
  /** From a fault until the next call succeeded. */
  readonly untilSuccess: Percentiles
}

/** A storm in a few lines, for people. */
export function describeStorm(report: StormReport): string {
  const { transport, launch, callers, seed, calls, faults, seconds, endings, violations } = report
  const { value = 0, ...errors } = endings
  const count = (kind: Violation["kind"]): number => violations.filter((one) => one.kind === kind).length
  const lines = [
    `storm over ${transport}, ${launch}, ${callers} callers: ${calls} calls, ${faults} faults in ${seconds.toFixed(1)} s; seed ${seed}, commit ${commit()}`,
    `  ${calls} calls = ${value} values${Object.entries(errors)
      .map(([tag, n]) => ` + ${n} ${tag}`)
      .join("")}`,
    `  lost ${count("lost")}, duplicated ${count("duplicated")}, crossed ${count("crossed")}, other violations ${violations.length - count("lost") - count("duplicated") - count("crossed")}`,
    `  recovery: all workers up p50 ${report.untilWhole.p50} ms, p99 ${report.untilWhole.p99} ms (${report.untilWhole.count}); next success p50 ${report.untilSuccess.p50} ms, p99 ${report.untilSuccess.p99} ms (${report.untilSuccess.count})`,
    `  faults: ${Object.entries(report.faultsByKind)
      .map(([kind, n]) => `${kind} ${n}`)
      .join(", ")}`,
    ...violations.slice(0, 10).map(({ kind, id, detail }) => `  VIOLATION ${kind}: call ${id} ${detail}`),
    ...report.problems.slice(0, 10).map((problem) => `  PROBLEM ${problem}`),
  ]
  return lines.join("\n")
}

/** The commit of the sources, as far as it can be known. */
export function commit(): string {
  try {
    return execFileSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8", stdio: "pipe" }).trim()
  } catch {
    return "unknown"
  }
}
