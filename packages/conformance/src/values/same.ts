import { inspect } from "node:util"
import { Tensor, ZonedDate } from "@snakepit/core"

/**
 * Where and how a value differs from the expected one; `undefined` when it is the same by type, too: `-0` is not `0`,
 * a `Buffer` is not a `Uint8Array`, a bigint is not a number, `{ a: undefined }` is not `{}`.
 */
export function difference(expected: unknown, actual: unknown, place = "value"): string | undefined {
  if (kindOf(expected) !== kindOf(actual)) return differs(expected, actual, place)
  if (expected instanceof Tensor && actual instanceof Tensor) return tensors(expected, actual, place)
  if (expected instanceof Uint8Array && actual instanceof Uint8Array) {
    return Buffer.compare(expected, actual) === 0 ? undefined : differs(expected, actual, place)
  }
  if (expected instanceof Date && actual instanceof Date) {
    return textOf(expected) === textOf(actual) ? undefined : differs(expected, actual, place)
  }
  if (!isContainer(expected) || !isContainer(actual)) {
    return Object.is(expected, actual) ? undefined : differs(expected, actual, place)
  }
  return entries(expected, actual, place)
}

type Container = { readonly [key: string]: unknown }

function entries(expected: Container, actual: Container, place: string): string | undefined {
  const keys = Object.keys(expected)
  if (keys.length !== Object.keys(actual).length) return differs(expected, actual, place)
  for (const key of keys) {
    if (!Object.hasOwn(actual, key)) return `${place} has no ${JSON.stringify(key)}`
    const problem = difference(expected[key], actual[key], `${place}[${JSON.stringify(key)}]`)
    if (problem !== undefined) return problem
  }
  return undefined
}

function tensors(expected: Tensor, actual: Tensor, place: string): string | undefined {
  const [{ dtype, shape, bytes, data }, other] = [expected, actual]
  const fits =
    dtype === other.dtype &&
    difference(shape, other.shape) === undefined &&
    kindOf(data) === kindOf(other.data) &&
    Buffer.compare(bytes, other.bytes) === 0
  return fits ? undefined : differs(expected, actual, place)
}

function kindOf(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value === null ? "null" : typeof value
  return Object.getPrototypeOf(value)
}

function textOf(date: Date): string {
  return date instanceof ZonedDate ? date.iso : date.toISOString()
}

function isContainer(value: unknown): value is Container {
  return typeof value === "object" && value !== null
}

function differs(expected: unknown, actual: unknown, place: string): string {
  const show = (value: unknown): string => inspect(value, { breakLength: Number.POSITIVE_INFINITY, depth: 4 })
  return `${place} is ${show(actual).slice(0, 300)}, not ${show(expected).slice(0, 300)}`
}
