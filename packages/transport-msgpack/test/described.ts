import { Tensor, ZonedDate } from "@snakepit/core/transport"

/** What a neutral description (protocol/vectors/README.md) means here. */
export function described(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value
  if (Array.isArray(value)) return value.map(described)
  const entries = Object.entries(value)
  const [first] = entries
  return entries.length === 1 && first?.[0] === "$v" ? special(first[1]) : mapOf(entries)
}

function special(wrapped: object): unknown {
  const [[kind, value] = []] = Object.entries(wrapped)
  switch (kind) {
    case "bytes":
      return fromBase64(value)
    case "bigint":
      return BigInt(value)
    case "float":
      return Number(value)
    case "date":
      return dateOf(value)
    case "tensor":
      return Tensor.fromBytes(value.dtype, value.shape, fromBase64(value.data))
    case "map":
      return mapOf(value)
    default:
      throw new Error(`unknown kind ${kind}`)
  }
}

function fromBase64(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, "base64"))
}

/** Written apart from the code under test: a date is zoned where it has an offset or digits beyond milliseconds. */
function dateOf(iso: string): Date {
  const utc = /(Z|\+00:00)$/.test(iso) && !/\.\d{3}\d*[1-9]/.test(iso)
  return utc ? new Date(iso) : new ZonedDate(iso)
}

/** `fromEntries` makes every key, `__proto__` too, an entry like any other. */
function mapOf(entries: readonly (readonly [string, unknown])[]): object {
  return Object.fromEntries(entries.map(([key, value]) => [key, described(value)]))
}
