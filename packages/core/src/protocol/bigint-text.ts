import { maxIntegerDigits } from "./limits.js"

/** The integer that these decimal digits mean. `undefined`: they are something else, or too many. */
export function bigintFromText(digits: string): bigint | undefined {
  if (!/^-?\d+$/.test(digits)) return undefined
  const count = digits.startsWith("-") ? digits.length - 1 : digits.length
  return count > maxIntegerDigits ? undefined : BigInt(digits)
}
