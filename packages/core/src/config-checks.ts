import { InvalidConfig } from "./errors/errors.js"
import { offerNames } from "./errors/offer-names.js"
import { show } from "./protocol/violation.js"

/** Every key of a part of the configuration; the compiler sees that none is left out. */
export type KnownKeys<T> = { readonly [K in keyof T]-?: true }

/** Refuses keys that mean nothing: most are typing errors. @param path of the part; empty for the whole. */
export function checkKeys<T extends object>(part: T, known: KnownKeys<T>, path: string): void {
  checkObject(part, path === "" ? "it" : path)
  for (const key of Object.keys(part)) {
    if (Object.hasOwn(known, key)) continue
    const offer = offerNames(key, Object.keys(known), "the keys are")
    throw invalid(path === "" ? key : `${path}.${key}`, `is not known${offer}`)
  }
}

export function checkObject(value: object, key: string): void {
  if (typeof value !== "object" || value === null) throw mustBe(key, "an object", value)
}

export function integer(value: number, key: string, min: number, max: number): number {
  if (Number.isSafeInteger(value) && value >= min && value <= max) return value
  throw mustBe(key, `an integer from ${min} to ${max}`, value)
}

export function mustBe(key: string, what: string, value: unknown): InvalidConfig {
  return invalid(key, `must be ${what}, not ${show(value)}`)
}

export function invalid(key: string, why: string): InvalidConfig {
  return new InvalidConfig({ message: `configuration: ${key} ${why}`, key })
}
