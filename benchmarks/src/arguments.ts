import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"
import type { Pace } from "./runner.js"
import type { Scenario } from "./scenario.js"

export interface Arguments {
  readonly help: boolean
  readonly list: boolean
  readonly quick: boolean
  /** A file for every number. */
  readonly out: string | undefined
  /** A folder for the report; `undefined`: no report. */
  readonly report: string | undefined
  /** Names of scenarios; empty: all of them. */
  readonly only: readonly string[]
}

/** Where a full run leaves its report. */
const reportFolder = fileURLToPath(new URL("../report", import.meta.url))

export const usage = `Usage: npm run bench -- [options]

  --quick          fewer scenarios, fewer and shorter rounds: two minutes instead of ten
  --only SCENARIO  run this scenario; may be repeated
  --out FILE       write every number as JSON
  --report DIR     write tables, plots and every number; without --quick and --only: to benchmarks/report
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
      out: { type: "string" },
      report: { type: "string" },
      only: { type: "string", multiple: true, default: [] },
    },
  })
  const full = !values.quick && values.only.length === 0
  return { ...values, out: values.out, report: values.report ?? (full ? reportFolder : undefined) }
}

export const paceOf = ({ quick }: Arguments): Pace =>
  quick ? { rounds: 3, roundMs: 300, warmupMs: 200 } : { rounds: 7, roundMs: 900, warmupMs: 500 }

/** The scenarios that were asked for. @throws Error for a name that does not exist */
export function chosen(
  { only, quick }: Arguments,
  all: readonly Scenario[],
  slow: readonly string[],
): readonly Scenario[] {
  const unknown = only.find((name) => !all.some((scenario) => scenario.name === name))
  if (unknown !== undefined)
    throw new Error(`no scenario ${unknown}; there are: ${all.map(({ name }) => name).join(", ")}`)
  if (only.length > 0) return all.filter(({ name }) => only.includes(name))
  return quick ? all.filter(({ name }) => !slow.includes(name)) : all
}
