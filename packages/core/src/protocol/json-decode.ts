import { bigintFromText } from "./bigint-text.js"
import type { ValueDecoder } from "./frame-decode.js"
import { jsonEntry } from "./json-entry.js"
import { maxIntegerDigits } from "./limits.js"
import { unpackNumbers } from "./number-list.js"
import { isDtype, Tensor } from "./tensor.js"
import type { ToolValue } from "./values.js"
import { ProtocolViolation, show } from "./violation.js"
import { dateFromIso } from "./zoned-date.js"

type Entries = { [key: string]: unknown }

/** Brings values back that were written as tagged objects (PROTOCOL.md, section 4). Consumes its input. */
export class JsonDecoder implements ValueDecoder {
  readonly #attachments: readonly Uint8Array[]
  readonly #maxDepth: number
  readonly #line: string | undefined
  /** Attachments that became lists. */
  readonly #unpacked = new Set<unknown>()
  #root = ""

  /** @param line the frame that the values are of, where they are of one. */
  constructor(attachments: readonly Uint8Array[], maxDepth: number, line?: string) {
    this.#attachments = attachments
    this.#maxDepth = maxDepth
    this.#line = line
  }

  /**
   * @param value what `JSON.parse` gave; it is changed in place.
   * @param root the frame's field, for messages.
   * @throws {ProtocolViolation} on an unknown or malformed tagged object, and on too deep a value.
   */
  decode(value: unknown, root: string): ToolValue {
    this.#root = root
    // What JSON.parse gives is a ToolValue, and so is what replaces a tagged object in it.
    return this.#decode(value, 0) as ToolValue
  }

  encoded(): Uint8Array | undefined {
    const text = this.#line === undefined ? undefined : jsonEntry(this.#line, "value")
    return text === undefined ? undefined : Buffer.from(text)
  }

  #decode(value: unknown, depth: number): unknown {
    if (typeof value !== "object" || value === null) return value
    if (Array.isArray(value)) return this.#array(value, depth)
    const entries = value as Entries
    return entries.$ === undefined ? this.#map(entries, depth) : this.#tagged(entries, depth)
  }

  #array(array: unknown[], depth: number): unknown[] {
    this.#enter(depth)
    for (let index = 0; index < array.length; index++) {
      const entry: unknown = array[index]
      if (typeof entry === "object" && entry !== null) array[index] = this.#decode(entry, depth + 1)
    }
    return array
  }

  #map(map: Entries, depth: number): Entries {
    this.#enter(depth)
    for (const key of Object.keys(map)) {
      const entry = map[key]
      // JSON.parse made every key an own property, `__proto__` too, so that writing to it is harmless.
      if (typeof entry === "object" && entry !== null) map[key] = this.#decode(entry, depth + 1)
    }
    return map
  }

  #tagged(tag: Entries, depth: number): unknown {
    switch (tag.$) {
      case "bigint":
        return this.#bigint(tag.value)
      case "float":
        return this.#float(tag.value)
      case "bytes":
        return this.#binary(tag)
      case "date":
        return this.#date(tag.value)
      case "tensor":
        return this.#tensor(tag)
      case "list":
        return this.#list(tag, depth)
      case "map":
        return isEntries(tag.value) ? this.#map(tag.value, depth) : this.#refuse("malformed map")
      default:
        return this.#refuse(`unknown tag ${show(tag.$)}`)
    }
  }

  #bigint(text: unknown): bigint {
    const value = typeof text === "string" ? bigintFromText(text) : undefined
    return value ?? this.#refuse(`malformed bigint ${show(text)}, or of more than ${maxIntegerDigits} digits`)
  }

  #float(text: unknown): number {
    if (text === "NaN") return Number.NaN
    if (text === "Infinity") return Number.POSITIVE_INFINITY
    if (text === "-Infinity") return Number.NEGATIVE_INFINITY
    const number =
      typeof text === "string" && /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(text) ? Number(text) : Number.NaN
    return Number.isFinite(number) ? number : this.#refuse(`malformed float ${show(text)}`)
  }

  #date(text: unknown): Date {
    const date = typeof text === "string" ? dateFromIso(text) : undefined
    return date ?? this.#refuse(`malformed date ${show(text)}`)
  }

  #list({ dtype, at }: Entries, depth: number): number[] {
    this.#enter(depth)
    const bytes = this.#attachment(at)
    // A list takes memory of its own, which must not exceed what was sent.
    if (this.#unpacked.has(at)) return this.#refuse(`attachment ${show(at)} is a list already`)
    this.#unpacked.add(at)
    return this.#fitting("list", () => unpackNumbers(dtype, bytes))
  }

  #tensor({ dtype, shape, ...rest }: Entries): Tensor {
    if (!isDtype(dtype)) return this.#refuse(`malformed tensor: unknown dtype ${show(dtype)}`)
    if (!Array.isArray(shape)) return this.#refuse("malformed tensor: no shape")
    return this.#fitting("tensor", () => Tensor.fromBytes(dtype, shape, this.#binary(rest)))
  }

  #fitting<T>(what: string, make: () => T): T {
    try {
      return make()
    } catch (error) {
      if (error instanceof RangeError) return this.#refuse(`malformed ${what}: ${error.message}`)
      throw error
    }
  }

  #binary(tag: Entries): Uint8Array {
    return tag.at === undefined ? this.#base64(tag.base64) : this.#attachment(tag.at)
  }

  #attachment(at: unknown): Uint8Array {
    const bytes = typeof at === "number" ? this.#attachments[at] : undefined
    return bytes ?? this.#refuse(`no attachment ${show(at)}`)
  }

  #base64(text: unknown): Uint8Array {
    if (typeof text !== "string" || text.length % 4 !== 0) return this.#refuse("malformed base64")
    const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0
    const bytes = Buffer.from(text, "base64")
    // Buffer.from passes over what is not base64, and takes the URL alphabet too.
    const strict = bytes.length === (text.length / 4) * 3 - padding && !/[-_]/.test(text)
    return strict ? new Uint8Array(bytes) : this.#refuse("malformed base64")
  }

  #enter(depth: number): void {
    if (depth >= this.#maxDepth) this.#refuse(`nests deeper than ${this.#maxDepth} levels`)
  }

  #refuse(reason: string): never {
    throw new ProtocolViolation(`${this.#root}: ${reason}`)
  }
}

function isEntries(value: unknown): value is Entries {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}
