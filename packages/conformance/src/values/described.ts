import { Tensor, ZonedDate } from "@snakepit/core"

/** A value in words of plain JSON: what it is by type, and all of it. `python/conformance_described.py` agrees. */
export function described(value: unknown): unknown {
  switch (typeof value) {
    case "string":
      return ["string", value]
    case "bigint":
      return ["integer", `${value}`]
    case "number":
      return Number.isSafeInteger(value) && !Object.is(value, -0)
        ? ["integer", `${value}`]
        : ["float", hexOf(new Uint8Array(Float64Array.of(value).buffer))]
    case "object":
      return value === null ? ["null"] : describedObject(value)
    default:
      return [typeof value, `${String(value)}`]
  }
}

function describedObject(value: object): unknown {
  if (Array.isArray(value)) return ["list", value.map(described)]
  if (value instanceof Uint8Array) return ["bytes", hexOf(value)]
  if (value instanceof Date) return ["date", microsOf(value)]
  if (value instanceof Tensor) return ["tensor", value.dtype, value.shape, hexOf(value.bytes)]
  return ["map", Object.entries(value).map(([key, entry]) => [key, described(entry)])]
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex")
}

/** The text of a date as Python writes it, with six digits. */
function microsOf(date: Date): string {
  const text = date instanceof ZonedDate ? date.iso : date.toISOString()
  return text
    .replace(/Z$/, "+00:00")
    .replace(/\.(\d{1,6})(?=[+-])/, (_, digits: string) => `.${digits.padEnd(6, "0")}`)
}
