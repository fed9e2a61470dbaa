import type { Results, RunFacts } from "../results.js"
import { asMarkdown } from "./draw.js"
import { goalsTable, targetsTable } from "./goals.js"
import type { Plot } from "./plots.js"
import { headingOf, number, numbersTable, ratiosTable, type Table } from "./tables.js"

/** The page that shows a run: what was reached, its plots, its tables and the machine it ran on. */
export function markdownReport(results: Results, plots: readonly Plot[]): string {
  const { scenarios, comparisons, goals, pace } = results
  const parts = [
    "# Benchmark report",
    introduction(results),
    ...results.absent.map((line) => `- ${line}`),
    section("Targets", goalsTable(goals)),
    ...plots.map(({ title, file }) => `## ${title}\n\n![${title}](${file})`),
    ...scenarios.map((each) => section(`\`${each.name}\`: ${headingOf(each, pace)}`, numbersTable(each))),
    section("Every target", targetsTable(goals)),
    section("Every ratio", ratiosTable(comparisons)),
    section("Machine and versions", factsTable(results)),
  ]
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`
}

function introduction({ pace, quick }: Results): string {
  return (
    `Medians of ${pace.rounds} interleaved rounds of ${pace.roundMs} ms${quick ? " (a quick run)" : ""}, with the ` +
    "lowest and the highest round. A ratio is the number of the Snakepit contestant divided by the other's in the " +
    "same round; `undecided` means that the rounds answer differently, less than 2× from the target. Compare ratios, " +
    "not absolute numbers: [how it is measured](../README.md#how-it-is-measured). Every round is in " +
    "[results.json](results.json)."
  )
}

export const section = (title: string, table: Table): string =>
  table.rows.length === 0 ? "" : `## ${title}\n\n${asMarkdown(table)}`

/** The machine and the versions that a run is to be read with. */
export function factsTable({ date, machine, versions }: RunFacts): Table {
  const facts: Readonly<Record<string, string>> = {
    date,
    processor: `${machine.cores} × ${machine.cpu}`,
    memory: `${number(machine.memoryBytes / 1e9)} GB`,
    system: `${machine.platform} ${machine.kernel} ${machine.arch}`,
    "load before": machine.load.map(number).join(", "),
    ...versions,
  }
  return { head: ["", "value"], rows: Object.entries(facts) }
}
