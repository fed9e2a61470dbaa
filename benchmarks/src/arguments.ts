import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"
import type { Pace } from "./runner.js"

export interface Arguments {
  readonly help: boolean
  readonly list: boolean
  readonly quick: boolean
  /** Measure how cost grows, in place of the scenarios. */
  readonly growth: boolean
  /** A file for every number. */
  readonly out: string | undefined
  /** A folder for the report; `undefined`: no report. */
  readonly report: string | undefined
  /** Names of scenarios, or of what grows; empty: all of them. */
  readonly only: readonly string[]
}

/** Where full runs leave their reports. */
const reportFolder = fileURLToPath(new URL("../report", import.meta.url))
const growthFolder = join(reportFolder, "growth")

export const usage = `Usage: npm run bench -- [options]

  --quick          fewer scenarios, fewer and shorter rounds: two minutes instead of thirteen
  --growth         instead: how cost grows with workers, callers, sessions, payload and the queue; three minutes,
                   with --quick half a one. --only and --list are about these five then
  --only SCENARIO  run this scenario; may be repeated
  --out FILE       write every number as JSON
  --report DIR     write tables, plots and every number; without --quick and --only: to benchmarks/report
                   or benchmarks/report/growth
  --list           show the scenarios and stop
  --help           show this text and stop`

/** @throws TypeError for an option that does not exist */
export function readArguments(argv: readonly string[]): Arguments {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      help: { type: "boolean", short: "h", default: false },
      list: { type: "boolean", default: false },
      quick: { type: "boolean", default: false },
      growth: { type: "boolean", default: false },
      out: { type: "string" },
      report: { type: "string" },
      only: { type: "string", multiple: true, default: [] },
    },
  })
  const full = !values.quick && values.only.length === 0
  const folder = values.growth ? growthFolder : reportFolder
  return { ...values, out: values.out, report: values.report ?? (full ? folder : undefined) }
}

export function paceOf({ quick, growth }: Arguments): Pace {
  if (growth)
    return quick ? { rounds: 5, roundMs: 120, warmupMs: 80 } : { rounds: 5, roundMs: 300, warmupMs: 150 }
  return quick ? { rounds: 3, roundMs: 300, warmupMs: 200 } : { rounds: 7, roundMs: 700, warmupMs: 400 }
}

/** What was asked for by name. @throws Error for a name that does not exist */
export function chosen<T extends { readonly name: string }>(
  { only, quick, growth }: Arguments,
  all: readonly T[],
  slow: readonly string[],
): readonly T[] {
  const unknown = only.find((name) => !all.some((each) => each.name === name))
  if (unknown !== undefined)
    throw new Error(
      `no ${growth ? "dimension" : "scenario"} ${unknown}; there are: ${all.map(({ name }) => name).join(", ")}`,
    )
  if (only.length > 0) return all.filter(({ name }) => only.includes(name))
  return quick ? all.filter(({ name }) => !slow.includes(name)) : all
}
