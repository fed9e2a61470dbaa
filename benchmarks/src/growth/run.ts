import { writeFileSync } from "node:fs"
import { type Arguments, paceOf } from "../arguments.js"
import { gatherFacts } from "../facts.js"
import { asJson, writeFiles } from "../report/write.js"
import type { RunOptions } from "../runner.js"
import { select } from "../selection.js"
import type { Dimension } from "./dimension.js"
import { lines } from "./index.js"
import { type DimensionResult, type GrowthResults, measureDimension } from "./measure.js"
import { growthPage, growthText } from "./page.js"
import { drawGrowth } from "./plot.js"

/** Measures the dimensions, and leaves what it found where the arguments say. */
export async function runGrowth(
  args: Arguments,
  picked: readonly Dimension[],
  { progress, signal }: Pick<RunOptions, "progress" | "signal">,
): Promise<void> {
  const everyone = lines(args.quick)
  const { python, facts } = gatherFacts(everyone, args.quick, paceOf(args))
  for (const line of facts.absent) progress(line)
  const able = select(everyone, python)
  const options = { python: python.executable, pace: facts.pace, progress, signal }
  const measured: DimensionResult[] = []
  for (const dimension of picked) measured.push(await measureDimension(dimension, able, options))
  const results: GrowthResults = { ...facts, dimensions: measured }
  if (args.out !== undefined) writeFileSync(args.out, asJson(results))
  if (args.report !== undefined) await writeGrowth(args.report, results)
  console.log(growthText(results))
}

/** Writes `results.json`, `README.md` and a plot for each dimension into `folder`, over what is there. */
export async function writeGrowth(folder: string, results: GrowthResults): Promise<void> {
  const plots = await Promise.all(results.dimensions.map(drawGrowth))
  writeFiles(folder, results, growthPage(results, plots), plots)
}
