import { isAnyArrayBuffer, isDate, isUint8Array } from "node:util/types"
import { formatPath, type Path } from "./invalid-value.js"
import { className, isPlainObject } from "./plain-object.js"
import { Tensor } from "./tensor.js"

export const simpleTypes = [
  "any",
  "null",
  "boolean",
  "integer",
  "number",
  "string",
  "bytes",
  "date",
  "array",
  "object",
  "tensor",
] as const

type SimpleType = (typeof simpleTypes)[number]

/** The type of a declared parameter. An unknown name means `any`. */
export type ParameterType =
  | SimpleType
  | { readonly anyOf: readonly ParameterType[] }
  | { readonly literal: readonly unknown[] }
  | { readonly array: ParameterType }
  | { readonly object: ParameterType }

/** Why arguments are not acceptable. */
export interface ArgsProblem {
  /** For instance `args.rows[2]`. */
  readonly path: string
  readonly reason: string
}

/** What each type accepts: what arrives as that type, or as something that Python takes for it. */
const accepts: { readonly [T in SimpleType]: (value: unknown) => boolean } = {
  any: () => true,
  null: (value) => value === null,
  boolean: (value) => typeof value === "boolean",
  integer: (value) => typeof value === "bigint" || typeof value === "boolean" || Number.isSafeInteger(value),
  number: (value) => typeof value === "number" || typeof value === "bigint" || typeof value === "boolean",
  string: (value) => typeof value === "string",
  bytes: isBytes,
  date: isDate,
  array: Array.isArray,
  object: (value) =>
    typeof value === "object" && value !== null && !Array.isArray(value) && isPlainObject(value),
  tensor: (value) => value instanceof Tensor || (ArrayBuffer.isView(value) && !isBytes(value)),
}

/** The first place where `value` is not of `type`. */
export function findMismatch(type: ParameterType, value: unknown, path: Path): ArgsProblem | undefined {
  if (typeof type === "string") return accepts[type](value) ? undefined : mismatch(type, value, path)
  if ("anyOf" in type) {
    const fits = type.anyOf.some((choice) => findMismatch(choice, value, path) === undefined)
    return fits ? undefined : mismatch(type, value, path)
  }
  if ("literal" in type) {
    const fits = type.literal.some((choice) => equalsInPython(choice, value))
    return fits ? undefined : mismatch(type, value, path)
  }
  const outer = "array" in type ? "array" : "object"
  if (!accepts[outer](value)) return mismatch(type, value, path)
  return findEntryMismatch("array" in type ? type.array : type.object, value, path)
}

/** Python takes numbers for equal whatever their types, and booleans for 0 and 1. */
function equalsInPython(one: unknown, other: unknown): boolean {
  return one === other || (accepts.number(one) && accepts.number(other) && Number(one) === Number(other))
}

function findEntryMismatch(type: ParameterType, container: unknown, path: Path): ArgsProblem | undefined {
  const entries = Array.isArray(container) ? container.entries() : Object.entries(Object(container))
  for (const [key, entry] of entries) {
    // Long lists of plain things are common: no path is made for what fits.
    if (entry === undefined || (typeof type === "string" && accepts[type](entry))) continue
    const problem = findMismatch(type, entry, [...path, key])
    if (problem !== undefined) return problem
  }
  return undefined
}

function mismatch(type: ParameterType, value: unknown, path: Path): ArgsProblem {
  return { path: formatPath(path), reason: `must be ${describeType(type)}, not ${describeValue(value)}` }
}

function describeType(type: ParameterType): string {
  if (typeof type === "string") return /^(null|any|bytes)$/.test(type) ? type : `${article(type)} ${type}`
  if ("anyOf" in type) return type.anyOf.map(describeType).join(" or ")
  if ("literal" in type) return type.literal.map(describeValue).join(" or ")
  return "array" in type ? "an array" : "an object"
}

function describeValue(value: unknown): string {
  if (value === null) return "null"
  if (typeof value === "string") return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value)
  if (typeof value === "function") return "a function"
  if (typeof value !== "object") return String(value)
  if (Array.isArray(value)) return "an array"
  return isPlainObject(value) ? "an object" : `${article(className(value))} ${className(value)}`
}

function article(noun: string): string {
  return /^[aeio]/i.test(noun) ? "an" : "a"
}

/** What arrives as `bytes`. */
export function isBytes(value: unknown): value is Uint8Array | ArrayBufferLike | DataView {
  return isUint8Array(value) || isAnyArrayBuffer(value) || value instanceof DataView
}
