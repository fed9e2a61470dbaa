/** Names that a message lists at most. */
const listed = 20
/** Names that a message suggests at most. */
const suggested = 3
/** Letters that may be wrong in a name that was meant. */
const maxTypos = 3

/** The end of a message about a name nobody knows: ` (did you mean add?); its tools are add, mul and 3 more`. */
export function offerNames(wanted: string, known: Iterable<string>, intro: string): string {
  const names = [...known].sort()
  const near = nearest(wanted, names)
  const question = near.length === 0 ? "" : ` (did you mean ${near.join(" or ")}?)`
  const more = names.length > listed ? ` and ${names.length - listed} more` : ""
  return `${question}; ${intro} ${names.slice(0, listed).join(", ")}${more}`
}

/** The best first: those that differ by few letters, and those that begin alike. */
function nearest(wanted: string, names: readonly string[]): readonly string[] {
  const asked = wanted.toLowerCase()
  const rated = names.map((name) => ({ name, typos: difference(asked, name.toLowerCase()) }))
  const near = rated.filter(({ typos }) => typos <= maxTypos).sort((a, b) => a.typos - b.typos)
  return near.slice(0, suggested).map(({ name }) => name)
}

/** Letters to change, add, drop or swap, where that makes less than half of the name; `Infinity` is too far. */
function difference(a: string, b: string): number {
  if (a === b) return 0
  const [short, long] = a.length < b.length ? [a, b] : [b, a]
  if (short.length >= 3 && long.startsWith(short)) return Math.min(maxTypos, long.length - short.length)
  const limit = Math.min(maxTypos, Math.floor(long.length / 2))
  if (long.length - short.length > limit) return Number.POSITIVE_INFINITY
  const typos = editDistance(short, long, limit)
  return typos <= limit ? typos : Number.POSITIVE_INFINITY
}

/** Optimal string alignment, row by row. Any number above `limit` only says that it is above. */
function editDistance(a: string, b: string, limit: number): number {
  let before: number[] = []
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let row = 1; row <= a.length; row++) {
    const current = [row]
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1]
      const swapped = a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]
      current[column] = Math.min(
        at(previous, column) + 1,
        at(current, column - 1) + 1,
        at(previous, column - 1) + (same ? 0 : 1),
        swapped ? at(before, column - 2) + 1 : Number.POSITIVE_INFINITY,
      )
    }
    if (Math.min(...current) > limit) return Number.POSITIVE_INFINITY
    before = previous
    previous = current
  }
  return at(previous, b.length)
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Number.POSITIVE_INFINITY
}
