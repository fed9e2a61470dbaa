import { accessSync, constants, mkdirSync, writeFileSync } from "node:fs"
import { dirname, resolve } from "node:path"
import { type Arguments, chosen, paceOf, readArguments, usage } from "./arguments.js"
import { compareAll } from "./comparison.js"
import { machineFacts, versions } from "./machine.js"
import { describePython, findPython } from "./python.js"
import { textReport } from "./report/text.js"
import { asJson, writeReport } from "./report/write.js"
import type { Results } from "./results.js"
import { runScenario, type ScenarioResult } from "./runner.js"
import type { Scenario } from "./scenario.js"
import { scenarios, slowScenarios } from "./scenarios/index.js"
import { explainAbsence, select } from "./selection.js"

const progress = (line: string): void => void process.stderr.write(`${line}\n`)

async function run(args: Arguments, picked: readonly Scenario[], signal: AbortSignal): Promise<void> {
  const everyone = picked.flatMap(({ contestants }) => contestants)
  const python = describePython(
    findPython(),
    everyone.flatMap(({ needs = [] }) => needs),
  )
  const pace = paceOf(args)
  const absent = explainAbsence(everyone, python)
  const facts = { date: new Date().toISOString(), machine: machineFacts(), versions: versions(python) }
  for (const line of absent) progress(line)
  const scenarios: ScenarioResult[] = []
  for (const scenario of picked) {
    const contestants = select(scenario.contestants, python)
    scenarios.push(
      await runScenario({ ...scenario, contestants }, { python: python.executable, pace, progress, signal }),
    )
  }
  const comparisons = compareAll(scenarios)
  const results: Results = { ...facts, quick: args.quick, pace, absent, scenarios, comparisons }
  if (args.out !== undefined) writeFileSync(args.out, asJson(results))
  if (args.report !== undefined) await writeReport(args.report, results)
  console.log(textReport(results))
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
      if (args.report !== undefined) mkdirSync(args.report, { recursive: true })
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
