import type { Results } from "../results.js"
import { asText } from "./draw.js"
import { goalsTable, targetsTable } from "./goals.js"
import { headingOf, numbersTable, ratiosTable, type Table } from "./tables.js"

/** What a person reads in a terminal: the numbers of each scenario, the ratios, the targets; what counts most last. */
export function textReport({ scenarios, comparisons, goals, pace }: Results): string {
  const numbers = scenarios.map(
    (each) => `${each.name}: ${headingOf(each, pace)}\n${asText(numbersTable(each))}`,
  )
  const measured = goals.filter(({ judged }) => judged.length > 0)
  const tables = [ratiosTable(comparisons), targetsTable(measured), goalsTable(measured)].map(section)
  return [...numbers, ...tables, legend].filter((part) => part !== "").join("\n\n")
}

const section = (table: Table): string => (table.rows.length === 0 ? "" : asText(table))

const legend =
  "Medians of the rounds, with the lowest and highest round; ratios are those of single rounds. undecided: less\n" +
  "than 2× from the target (or from 1, without one), and some rounds say yes and some no."
