import { accessSync, constants, mkdirSync, writeFileSync } from "node:fs"
import { dirname, resolve } from "node:path"
import { type Arguments, chosen, paceOf, readArguments, usage } from "./arguments.js"
import { compareAll } from "./comparison.js"
import { gatherFacts } from "./facts.js"
import { dimensions } from "./growth/index.js"
import { runGrowth } from "./growth/run.js"
import { judgeAll } from "./judgement.js"
import { textReport } from "./report/text.js"
import { asJson, writeReport } from "./report/write.js"
import type { Results } from "./results.js"
import { runScenario, type ScenarioResult } from "./runner.js"
import type { Scenario } from "./scenario.js"
import { scenarios, slowScenarios } from "./scenarios/index.js"
import { select } from "./selection.js"
import { goals } from "./targets.js"

const progress = (line: string): void => void process.stderr.write(`${line}\n`)

async function run(args: Arguments, picked: readonly Scenario[], signal: AbortSignal): Promise<void> {
  const everyone = picked.flatMap(({ contestants }) => contestants)
  const { python, facts } = gatherFacts(everyone, args.quick, paceOf(args))
  for (const line of [...leftOut(args, picked), ...facts.absent]) progress(line)
  const measured: ScenarioResult[] = []
  for (const scenario of picked) {
    const contestants = select(scenario.contestants, python)
    measured.push(
      await runScenario(
        { ...scenario, contestants },
        { python: python.executable, pace: facts.pace, progress, signal },
      ),
    )
  }
  const results: Results = {
    ...facts,
    scenarios: measured,
    goals: judgeAll(goals, measured),
    comparisons: compareAll(measured),
  }
  if (args.out !== undefined) writeFileSync(args.out, asJson(results))
  if (args.report !== undefined) await writeReport(args.report, results)
  console.log(textReport(results))
}

/** Says what `--quick` does without. */
function leftOut({ quick, only }: Arguments, picked: readonly Scenario[]): readonly string[] {
  const names = scenarios.filter((each) => !picked.includes(each)).map(({ name }) => name)
  return quick && only.length === 0 ? [`--quick leaves out ${names.join(", ")}`] : []
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
    else if (args.list)
      for (const { name, title } of args.growth ? dimensions : scenarios)
        console.log(`${name.padEnd(13)}  ${title}`)
    else {
      if (args.out !== undefined) accessSync(dirname(resolve(args.out)), constants.W_OK)
      if (args.report !== undefined) mkdirSync(args.report, { recursive: true })
      const { signal } = interrupted
      if (args.growth) await runGrowth(args, chosen(args, dimensions, []), { progress, signal })
      else await run(args, chosen(args, scenarios, slowScenarios), signal)
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
