import { accessSync, constants, writeFileSync } from "node:fs"
import { dirname, resolve } from "node:path"
import { type Arguments, chosen, paceOf, readArguments, usage } from "./arguments.js"
import { compareAll } from "./comparison.js"
import { withoutOrjson } from "./contestants/snakepit-json.js"
import { machineFacts, versions } from "./machine.js"
import { describePython, findPython } from "./python.js"
import { report } from "./report.js"
import { runScenario, type ScenarioResult } from "./runner.js"
import type { Scenario } from "./scenario.js"
import { scenarios, slowScenarios } from "./scenarios/index.js"

const progress = (line: string): void => void process.stderr.write(`${line}\n`)

async function run(args: Arguments, picked: readonly Scenario[], signal: AbortSignal): Promise<void> {
  const path = findPython()
  const python = describePython(path)
  if (python.orjson === null)
    progress("This Python has no orjson: Snakepit is measured with the standard library.")
  const facts = { date: new Date().toISOString(), machine: machineFacts(), versions: versions(python) }
  const pace = paceOf(args)
  const results: ScenarioResult[] = []
  for (const scenario of picked) {
    const contestants = python.orjson === null ? withoutOrjson(scenario.contestants) : scenario.contestants
    results.push(await runScenario({ ...scenario, contestants }, { python: path, pace, progress, signal }))
  }
  const comparisons = compareAll(results)
  const document = { ...facts, quick: args.quick, pace, scenarios: results, comparisons }
  if (args.out !== undefined) writeFileSync(args.out, `${JSON.stringify(document, null, 2)}\n`)
  console.log(report(results, comparisons))
}

/** @returns the exit code, or the signal that ended the run. */
async function main(argv: readonly string[]): Promise<number | NodeJS.Signals> {
  const interrupted = new AbortController()
  let signal: NodeJS.Signals | undefined
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.once(name, () => {
      signal = name
      interrupted.abort(new Error(`stopped by ${name}`))
    })
  }
  try {
    const args = readArguments(argv)
    if (args.help) console.log(usage)
    else if (args.list) for (const { name, title } of scenarios) console.log(`${name.padEnd(12)}  ${title}`)
    else {
      if (args.out !== undefined) accessSync(dirname(resolve(args.out)), constants.W_OK)
      await run(args, chosen(args, scenarios, slowScenarios), interrupted.signal)
    }
    return 0
  } catch (error) {
    if (signal !== undefined) return signal
    progress(`Benchmark failed: ${error instanceof Error ? error.message : error}`)
    return 1
  }
}

const outcome = await main(process.argv.slice(2))
// A contestant that failed may have left handles behind; its worker ends with this process.
if (typeof outcome === "number") process.exit(outcome)
process.kill(process.pid, outcome)
