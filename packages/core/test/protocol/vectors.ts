import { readFileSync } from "node:fs"
import { type Dtype, Tensor } from "../../src/protocol/tensor.js"
import { ZonedDate } from "../../src/protocol/zoned-date.js"

export interface FrameVector {
  readonly name: string
  readonly line: string
  readonly attachments: readonly string[]
  readonly size: number
  readonly base64?: boolean
  readonly frame: unknown
  readonly encode: boolean
}

export interface InvalidVector {
  readonly name: string
  readonly rule: string
  readonly line?: string
  readonly lineBase64?: string
  readonly attachments: readonly string[]
}

interface VectorFile {
  readonly frames: readonly FrameVector[]
  readonly invalid: readonly InvalidVector[]
}

const file = new URL("../../../../protocol/vectors/json.json", import.meta.url)

export const vectors: VectorFile = JSON.parse(readFileSync(file, "utf8"))

export function fromBase64(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, "base64"))
}

/** What a neutral description (protocol/vectors/README.md) means here. */
export function described(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value
  if (Array.isArray(value)) return value.map(described)
  const entries = Object.entries(value)
  const [first] = entries
  if (entries.length === 1 && first?.[0] === "$v") return special(first[1])
  return mapOf(entries)
}

function special(wrapped: Record<string, unknown>): unknown {
  const [[kind, value] = []] = Object.entries(wrapped)
  switch (kind) {
    case "bytes":
      return fromBase64(String(value))
    case "bigint":
      return BigInt(String(value))
    case "float":
      return Number(value)
    case "date":
      return dateOf(String(value))
    case "tensor": {
      const { dtype, shape, data } = value as { dtype: Dtype; shape: number[]; data: string }
      return Tensor.fromBytes(dtype, shape, fromBase64(data))
    }
    case "map":
      return mapOf(value as [string, unknown][])
    default:
      throw new Error(`unknown kind ${kind}`)
  }
}

/** Written apart from the code under test: a date is zoned where it has an offset or digits beyond milliseconds. */
function dateOf(iso: string): Date {
  const utc = /(Z|\+00:00)$/.test(iso) && !/\.\d{3}\d*[1-9]/.test(iso)
  return utc ? new Date(iso) : new ZonedDate(iso)
}

function mapOf(entries: readonly (readonly [string, unknown])[]): object {
  const map = {}
  for (const [key, value] of entries) {
    Object.defineProperty(map, key, {
      value: described(value),
      enumerable: true,
      writable: true,
      configurable: true,
    })
  }
  return map
}
