import { isPlainObject } from "./plain-object.js"
import { ProtocolViolation, show } from "./violation.js"

/** An object that came from a peer, none of it checked yet. */
export type Fields = { readonly [name: string]: unknown }

/** What a field must be. */
export interface Check<T> {
  readonly is: (value: unknown) => value is T
  /** For messages: "must be …". */
  readonly expected: string
}

export const id: Check<number> = {
  is: (value): value is number => Number.isSafeInteger(value) && Number(value) > 0,
  expected: "a positive integer up to 2^53-1",
}
export const count: Check<number> = {
  is: (value): value is number => Number.isSafeInteger(value) && Number(value) >= 0,
  expected: "a non-negative integer",
}
export const integer: Check<number> = {
  is: (value): value is number => Number.isSafeInteger(value),
  expected: "an integer",
}
export const finite: Check<number> = {
  is: (value): value is number => Number.isFinite(value),
  expected: "a number",
}
export const text: Check<string> = { is: (value) => typeof value === "string", expected: "a string" }
export const flag: Check<boolean> = { is: (value) => typeof value === "boolean", expected: "true or false" }
export const present: Check<unknown> = {
  is: (value): value is unknown => value !== undefined,
  expected: "a value",
}
export const map: Check<Fields> = { is: isMap, expected: "a map" }
export const list: Check<readonly unknown[]> = { is: (value) => Array.isArray(value), expected: "an array" }
export const strings: Check<{ readonly [name: string]: string }> = {
  is: (value): value is { readonly [name: string]: string } =>
    isMap(value) && Object.values(value).every(text.is),
  expected: "a map of strings",
}

export function oneOf<const T extends string>(names: readonly T[]): Check<T> {
  return {
    is: (value): value is T => names.some((name) => name === value),
    expected: `one of ${names.join(", ")}`,
  }
}

/** @throws {ProtocolViolation} when the field is missing or not what it must be. */
export function required<T>(owner: string, fields: Fields, name: string, check: Check<T>): T {
  const value = fields[name]
  return check.is(value) ? value : refuse(owner, name, value, check.expected)
}

/** A field that may be missing or null. */
export function optional<T>(owner: string, fields: Fields, name: string, check: Check<T>): T | undefined {
  const value = fields[name]
  if (value === undefined || value === null) return undefined
  return check.is(value) ? value : refuse(owner, name, value, check.expected)
}

function refuse(owner: string, name: string, value: unknown, expected: string): never {
  const found = value === undefined ? "it is missing" : `it is ${show(value)}`
  throw new ProtocolViolation(`${owner}.${name} must be ${expected}; ${found}`)
}

function isMap(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && isPlainObject(value)
}
