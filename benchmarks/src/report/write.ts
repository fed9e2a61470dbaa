import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import type { Results } from "../results.js"
import { markdownReport } from "./markdown.js"
import { drawPlots } from "./plots.js"

/** Writes `results.json`, `README.md` and the plots into `folder`, over what is there. */
export async function writeReport(folder: string, results: Results): Promise<void> {
  const plots = await drawPlots(results.scenarios)
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, "results.json"), asJson(results))
  writeFileSync(join(folder, "README.md"), markdownReport(results, plots))
  for (const { file, svg } of plots) writeFileSync(join(folder, file), svg)
}

export const asJson = (results: Results): string => `${JSON.stringify(results, null, 2)}\n`
