import { isDate, isUint8Array } from "node:util/types"
import { isPlainObject } from "../protocol/plain-object.js"
import type { ToolValue } from "../protocol/values.js"
import { isoFromDate } from "../protocol/zoned-date.js"

/** Fields of one error that travel. */
const maxFields = 32
/** About how many bytes all of them may take, and how many levels one may nest. */
const maxSize = 64 * 1024
const maxDepth = 8

/** What an error frame tells anyway, and a traceback that its stack ends with. */
const told: ReadonlySet<string> = new Set(["name", "message", "stack", "cause", "traceback"])

/**
 * What an error carries beside its message: its own public fields, as they are now. A field that cannot be read or sent,
 * or is too long, is left out.
 */
export function detailsOf(error: Error): { readonly [name: string]: ToolValue } | undefined {
  const details: [string, ToolValue][] = []
  let left = maxSize
  for (const name of publicNames(error)) {
    try {
      const copier = new Copier(left)
      details.push([name, copier.copy(Reflect.get(error, name), 0)])
      left = copier.left
    } catch {
      // The error itself arrives all the same.
    }
  }
  return details.length === 0 ? undefined : Object.fromEntries(details)
}

function publicNames(error: Error): string[] {
  try {
    const names = Object.keys(error).filter((name) => !name.startsWith("_") && !told.has(name))
    return names.slice(0, maxFields)
  } catch {
    return []
  }
}

/** Copies plain data, so that what was measured is what is sent. Throws where there is something else. */
class Copier {
  constructor(public left: number) {}

  copy(value: unknown, depth: number): ToolValue {
    this.#pay(8)
    switch (typeof value) {
      case "boolean":
      case "number":
        return value
      case "bigint":
        return BigInt.asIntN(64, value) === value ? value : unfit()
      case "string":
        return this.#text(value)
      case "object":
        return value === null ? null : this.#object(value, depth)
      default:
        return unfit()
    }
  }

  #object(value: object, depth: number): ToolValue {
    if (depth >= maxDepth) return unfit()
    if (Array.isArray(value)) return value.map((entry: unknown) => this.copy(entry, depth + 1))
    if (isDate(value)) return isoFromDate(value) === undefined ? unfit() : value
    if (isUint8Array(value)) {
      this.#pay(value.byteLength)
      return value.slice()
    }
    if (!isPlainObject(value)) return unfit()
    const entries: [string, ToolValue][] = []
    for (const key of Object.keys(value)) {
      const entry = value[key]
      if (entry !== undefined) entries.push([this.#text(key), this.copy(entry, depth + 1)])
    }
    return Object.fromEntries(entries)
  }

  #text(text: string): string {
    this.#pay(text.length)
    return /\p{Surrogate}/u.test(text) ? unfit() : text
  }

  #pay(bytes: number): void {
    this.left -= bytes
    if (this.left < 0) unfit()
  }
}

function unfit(): never {
  throw new Error("it cannot travel as a detail of an error")
}
