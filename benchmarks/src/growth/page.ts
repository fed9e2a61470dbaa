import { asMarkdown, asText } from "../report/draw.js"
import { factsTable, section } from "../report/markdown.js"
import type { Plot } from "../report/plots.js"
import type { GrowthResults } from "./measure.js"
import { limitsTable, pointsTable } from "./tables.js"

/** What a person reads in a terminal. */
export function growthText({ dimensions }: Pick<GrowthResults, "dimensions">): string {
  return dimensions
    .flatMap((each) => [
      `${each.name}: ${each.title}\n${each.expected}`,
      asText(pointsTable(each)),
      asText(limitsTable(each)),
    ])
    .join("\n\n")
}

/** The page that shows a run. @param plots one for each dimension, in the same order */
export function growthPage(results: GrowthResults, plots: readonly Plot[]): string {
  const parts = [
    "# How cost grows",
    introduction(results),
    ...results.absent.map((line) => `- ${line}`),
    ...results.dimensions.flatMap((each, i) => [
      `## \`${each.name}\`: ${each.title}`,
      each.expected,
      `![${each.title}](${plots[i]?.file})`,
      asMarkdown(limitsTable(each)),
      asMarkdown(pointsTable(each)),
    ]),
    section("Machine and versions", factsTable(results)),
  ]
  return `${parts.join("\n\n")}\n`
}

function introduction({ pace, quick }: GrowthResults): string {
  return (
    `Medians of ${pace.rounds} rounds of ${pace.roundMs} ms${quick ? " (a quick run)" : ""}, interleaved over the ` +
    "points and transports of a dimension; in parentheses and as upright lines the lowest and the highest round. " +
    "A limit holds for the number at one point divided by that of the same round at another; `undecided` means that " +
    "the rounds allow either answer. [How it is measured](../../README.md#growth). Every round is in [results.json](results.json)."
  )
}
