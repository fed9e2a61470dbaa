/** One rule of the protocol. */
export interface Requirement {
  /** For instance `HS-3`. */
  readonly id: string
  /** The headings above it. */
  readonly section: string
  readonly text: string
}

/** The rules in the text of PROTOCOL.md, in order. */
export function requirementsIn(markdown: string): readonly Requirement[] {
  const requirements: Requirement[] = []
  const headings: string[] = []
  for (const line of markdown.split("\n")) {
    const [, hashes, heading] = /^(##+) (.+)$/.exec(line) ?? []
    if (hashes !== undefined && heading !== undefined) headings.splice(hashes.length - 2, Infinity, heading)
    const [, id, text] = /^- \*\*([A-Z]{2}-\d+)\*\* (.+)$/.exec(line) ?? []
    if (id !== undefined && text !== undefined) requirements.push({ id, section: headings.join(" / "), text })
  }
  return requirements
}
