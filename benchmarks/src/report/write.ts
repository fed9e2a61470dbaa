import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import type { Results, RunFacts } from "../results.js"
import { markdownReport } from "./markdown.js"
import { drawPlots, type Plot } from "./plots.js"

/** Writes `results.json`, `README.md` and the plots into `folder`, over what is there. */
export async function writeReport(folder: string, results: Results): Promise<void> {
  const plots = await drawPlots(results.scenarios)
  writeFiles(folder, results, markdownReport(results, plots), plots)
}

/** Writes a run's numbers, its page and the plots that the page shows. */
export function writeFiles(folder: string, results: RunFacts, page: string, plots: readonly Plot[]): void {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, "results.json"), asJson(results))
  writeFileSync(join(folder, "README.md"), page)
  for (const { file, svg } of plots) writeFileSync(join(folder, file), svg)
}

export const asJson = (results: RunFacts): string => `${JSON.stringify(results, null, 2)}\n`
