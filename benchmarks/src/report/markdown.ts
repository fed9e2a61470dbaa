import type { Results } from "../results.js"
import { asMarkdown } from "./draw.js"
import type { Plot } from "./plots.js"
import { number, numbersTable, ratiosTable, type Table, targetsTable } from "./tables.js"

/** The page that shows a run: its plots, its tables and the machine it ran on. */
export function markdownReport(results: Results, plots: readonly Plot[]): string {
  const { scenarios, comparisons } = results
  const parts = [
    "# Benchmark report",
    introduction(results),
    ...results.absent.map((line) => `- ${line}`),
    ...plots.map(({ title, file }) => `## ${title}\n\n![${title}](${file})`),
    section("Targets", targetsTable(comparisons)),
    ...scenarios.map((each) => section(`\`${each.name}\`: ${each.title}`, numbersTable(each))),
    section("Every ratio", ratiosTable(comparisons)),
    section("Machine and versions", factsTable(results)),
  ]
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`
}

function introduction({ pace, quick }: Results): string {
  return (
    `Medians of ${pace.rounds} interleaved rounds of ${pace.roundMs} ms${quick ? " (a quick run)" : ""}; in ` +
    "parentheses the lowest and the highest round. A ratio is the number of the Snakepit contestant divided by " +
    "the other's; `undecided` means that the spreads allow either answer. Compare ratios, not absolute numbers: " +
    "[how it is measured](../README.md#how-it-is-measured). Every round is in [results.json](results.json)."
  )
}

const section = (title: string, table: Table): string =>
  table.rows.length === 0 ? "" : `## ${title}\n\n${asMarkdown(table)}`

function factsTable({ date, machine, versions }: Results): Table {
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
