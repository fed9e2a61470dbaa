import { type Check, count, map, text } from "../../protocol/fields.js"
import { show } from "../../protocol/violation.js"
import { isKeepable } from "../keepable.js"
import { compilePattern, maxPatternLength } from "./pattern.js"
import type { Refuse } from "./refusal.js"
import type { Choice } from "./types.js"

/** Constraints as they are kept: checked, and without those that are null. */
export interface Constraints {
  readonly min?: number | bigint
  readonly max?: number | bigint
  readonly min_length?: number
  readonly max_length?: number
  readonly pattern?: string
  readonly enum?: readonly string[]
  readonly choices?: readonly Choice[]
  readonly allowed_modules?: readonly string[]
  readonly dimensions?: number
  readonly shape?: readonly (number | null)[]
}

export type ConstraintName = keyof Constraints

/** @param allowed the names that the variable's type knows. */
export function readConstraints(
  raw: unknown,
  allowed: readonly ConstraintName[],
  refuse: Refuse,
): Constraints {
  if (raw === undefined || raw === null) return {}
  if (!map.is(raw)) return refuse(`has constraints that must be a map, not ${show(raw)}`)
  const constraints: [ConstraintName, unknown][] = []
  for (const [key, value] of Object.entries(raw)) {
    if (value === undefined || value === null) continue
    const name = allowed.find((known) => known === key)
    if (name === undefined) return refuse(`has no constraint ${JSON.stringify(key)}; ${offer(allowed)}`)
    const { is, expected } = checks[name]
    if (!is(value)) return refuse(`has the constraint ${name}, which must be ${expected}, not ${show(value)}`)
    constraints.push([name, name === "shape" && Array.isArray(value) ? value.map(axis) : value])
  }
  return Object.fromEntries(constraints)
}

function offer(allowed: readonly ConstraintName[]): string {
  return allowed.length === 0 ? "its type knows none" : `its type knows ${allowed.join(", ")}`
}

/** A dotted name, as Python imports it. */
export const moduleName: Check<string> = {
  is: (value): value is string =>
    typeof value === "string" && /^[\p{L}_][\p{L}\p{N}_]*(\.[\p{L}_][\p{L}\p{N}_]*)*$/u.test(value),
  expected: "a dotted name such as sklearn.linear_model",
}

const bound: Check<number | bigint> = {
  is: (value): value is number | bigint =>
    typeof value === "bigint" || (typeof value === "number" && !Number.isNaN(value)),
  expected: "a number",
}

const pattern: Check<string> = {
  is: (value): value is string =>
    typeof value === "string" && value.length <= maxPatternLength && compiles(value),
  expected: `the source of a regular expression, of at most ${maxPatternLength} characters`,
}

const choice: Check<Choice> = {
  is: (value): value is Choice => ["string", "number", "boolean"].includes(typeof value) && isKeepable(value),
  expected: "text, numbers or booleans",
}

const checks: { readonly [N in ConstraintName]-?: Check<NonNullable<Constraints[N]>> } = {
  min: bound,
  max: bound,
  min_length: count,
  max_length: count,
  pattern,
  enum: listOf(text),
  choices: listOf(choice),
  allowed_modules: listOf(moduleName),
  dimensions: count,
  shape: {
    is: (value): value is readonly (number | null)[] =>
      Array.isArray(value) && value.every((length) => axis(length) === null || count.is(length)),
    expected: "a list of lengths, where null or -1 stands for any",
  },
}

function listOf<T>({ is, expected }: Check<T>): Check<readonly T[]> {
  return {
    is: (value): value is readonly T[] => Array.isArray(value) && value.length > 0 && value.every(is),
    expected: `a list, not empty, of ${expected}`,
  }
}

function axis(length: unknown): unknown {
  return length === -1 ? null : length
}

function compiles(source: string): boolean {
  try {
    compilePattern(source)
    return true
  } catch {
    return false
  }
}
