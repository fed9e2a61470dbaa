import type { Results } from "../results.js"
import { asText } from "./draw.js"
import { numbersTable, ratiosTable, type Table, targetsTable } from "./tables.js"

/** What a person reads in a terminal: the numbers of each scenario, then the ratios. */
export function textReport({ scenarios, comparisons }: Pick<Results, "scenarios" | "comparisons">): string {
  const numbers = scenarios.map((each) => `${each.name}: ${each.title}\n${asText(numbersTable(each))}`)
  return [...numbers, section(targetsTable(comparisons)), section(ratiosTable(comparisons)), legend]
    .filter((part) => part !== "")
    .join("\n\n")
}

const section = (table: Table): string => (table.rows.length === 0 ? "" : asText(table))

const legend =
  "Medians of the rounds, with the lowest and highest round. undecided: less than 2× from the target\n" +
  "(or from each other, without one), and the rounds' spreads allow either answer."
