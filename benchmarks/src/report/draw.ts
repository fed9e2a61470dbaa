import type { Table } from "./tables.js"

/** Lines of text with aligned columns: the first to the left, the others to the right. */
export function asText({ head, rows }: Table): string {
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]?.length ?? 0)))
  const line = (cells: readonly string[]) =>
    widths
      .map((width, i) => (i === 0 ? (cells[i] ?? "").padEnd(width) : (cells[i] ?? "").padStart(width)))
      .join("  ")
      .trimEnd()
  return [line(head), widths.map((width) => "─".repeat(width)).join("  "), ...rows.map(line)].join("\n")
}

/** A table in Markdown, aligned the same way. */
export function asMarkdown({ head, rows }: Table): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`
  const rule = head.map((_, i) => (i === 0 ? "---" : "---:"))
  return [head, rule, ...rows].map(line).join("\n")
}
