import { createContext, Script } from "node:vm"

export const maxPatternLength = 1_000
/** Characters of a value that is held against a pattern. */
export const maxTestedLength = 10_000
/** Long enough for every sound pattern; a bad one costs exponential time, and would stop the whole host. */
const timeoutMs = 100

/** @throws {SyntaxError} */
export function compilePattern(source: string): RegExp {
  return new RegExp(source, "u")
}

const place: { pattern: RegExp | undefined; text: string } = { pattern: undefined, text: "" }
let context: object | undefined
const test = new Script("pattern.test(text)")

/** Whether the pattern is found in the text; `undefined`: it would have taken too long to find out. */
export function found(source: string, text: string): boolean | undefined {
  context ??= createContext(place)
  place.pattern = compilePattern(source)
  place.text = text
  try {
    return test.runInContext(context, { timeout: timeoutMs }) === true
  } catch {
    return undefined
  } finally {
    place.pattern = undefined
    place.text = ""
  }
}
