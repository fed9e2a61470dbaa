import { isTypedError, neverRan, refusedAtOnce, tagOf } from "./endings.js"

/** What became of a call, as its caller saw it. */
export type Ending =
  | { readonly kind: "value"; readonly nonce: unknown }
  | { readonly kind: "error"; readonly error: unknown }

/** One run of a tool, as the tool itself noted it. */
export interface Run {
  readonly id: number
  readonly nonce: string
}

/** What is wrong with a history. */
export interface Violation {
  readonly kind:
    | "lost"
    | "duplicated"
    | "crossed"
    | "untyped"
    | "ran-twice"
    | "ran-although-never-started"
    | "value-without-run"
    | "unknown-run"
  readonly id: number
  readonly detail: string
}

interface Entry {
  readonly id: number
  readonly nonce: string
  readonly idempotent: boolean
  readonly endings: Ending[]
}

/** Every call that was made, and every ending that was seen. */
export class History {
  readonly #entries: Entry[] = []

  /** A call is about to be made. @returns its id, which counts from 0. */
  issue(nonce: string, idempotent = false): number {
    const id = this.#entries.length
    this.#entries.push({ id, nonce, idempotent, endings: [] })
    return id
  }

  end(id: number, ending: Ending): void {
    this.#entry(id).endings.push(ending)
  }

  /** How the calls ended: `value`, or the tag of the error. Refused ones count, too. */
  tally(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>()
    for (const { endings } of this.#entries)
      for (const ending of endings) {
        const kind = ending.kind === "value" ? "value" : tagOf(ending.error)
        counts.set(kind, (counts.get(kind) ?? 0) + 1)
      }
    return counts
  }

  /** Calls that were issued. */
  get issued(): number {
    return this.#entries.length
  }

  /** Calls that the pool did not refuse at once. */
  get accepted(): number {
    return this.#entries.filter(({ endings }) => !endings.some(wasRefused)).length
  }

  /** @param runs what the tools noted, each run once, in any order; default: they noted nothing. */
  check(runs?: Iterable<Run>): Violation[] {
    const violations = this.#entries.flatMap(endingViolations)
    return runs === undefined ? violations : [...violations, ...this.#runViolations(runs)]
  }

  #runViolations(runs: Iterable<Run>): Violation[] {
    const violations: Violation[] = []
    const counts = new Map<number, number>()
    for (const { id, nonce } of runs) {
      counts.set(id, (counts.get(id) ?? 0) + 1)
      const expected = this.#entries[id]?.nonce
      if (expected !== nonce)
        violations.push({ kind: "unknown-run", id, detail: `ran with ${nonce}, not ${expected}` })
    }
    return [
      ...violations,
      ...this.#entries.flatMap((entry) => countViolations(entry, counts.get(entry.id) ?? 0)),
    ]
  }

  #entry(id: number): Entry {
    const entry = this.#entries[id]
    if (entry === undefined) throw new RangeError(`call ${id} was never issued`)
    return entry
  }
}

function endingViolations({ id, nonce, endings }: Entry): Violation[] {
  const violations: Violation[] = []
  if (endings.length === 0) violations.push({ kind: "lost", id, detail: "has no ending" })
  if (endings.length > 1) violations.push({ kind: "duplicated", id, detail: `has ${endings.length} endings` })
  for (const ending of endings) {
    if (ending.kind === "value" && ending.nonce !== nonce)
      violations.push({ kind: "crossed", id, detail: `got ${String(ending.nonce)}, not ${nonce}` })
    if (ending.kind === "error" && !isTypedError(ending.error))
      violations.push({ kind: "untyped", id, detail: String(ending.error) })
  }
  return violations
}

function countViolations({ id, idempotent, endings }: Entry, runs: number): Violation[] {
  if (runs > 1 && !idempotent) return [{ kind: "ran-twice", id, detail: `ran ${runs} times` }]
  return endings.flatMap((ending): Violation[] => {
    if (ending.kind === "value")
      return runs === 0 ? [{ kind: "value-without-run", id, detail: "has a value, but did not run" }] : []
    if (runs === 0 || !neverRan(ending.error)) return []
    return [{ kind: "ran-although-never-started", id, detail: `ran, and ended with ${String(ending.error)}` }]
  })
}

function wasRefused(ending: Ending): boolean {
  return ending.kind === "error" && refusedAtOnce(ending.error)
}
