import { isAnyArrayBuffer, isDate, isUint8Array } from "node:util/types"
import { formatPath, InvalidValue } from "./invalid-value.js"
import { type Limits, maxIntegerDigits } from "./limits.js"
import { className, isPlainObject } from "./plain-object.js"
import { Tensor } from "./tensor.js"
import { isoFromDate } from "./zoned-date.js"

/** What the receiver of a frame can take. */
export interface EncodeOptions {
  readonly limits: Limits
  /** Whether the peer reads raw attachments; otherwise binary data is written as base64 (PROTOCOL.md, JS-5). */
  readonly attachments: boolean
}

type Key = string | number
type Entries = { readonly [key: string]: unknown }

/**
 * Makes the values of one frame fit for `JSON.stringify` (PROTOCOL.md, section 4). What JSON can write already is
 * returned as it is, so an ordinary value costs one walk and no copy.
 */
export class JsonEncoder {
  /** Raw bytes to send after the line, in order; not copied. */
  readonly attachments: Uint8Array[] = []
  readonly #options: EncodeOptions
  #root = ""
  #value: unknown
  /** Keys from the root to where the walk is; only as many as the current depth count. */
  readonly #path: Key[] = []

  constructor(options: EncodeOptions) {
    this.#options = options
  }

  /**
   * `undefined` is encoded as null: a function that returns nothing.
   * @param root the frame's field, where paths start.
   * @throws {InvalidValue} naming type and path of what cannot be represented.
   */
  encode(value: unknown, root: string): unknown {
    this.#root = root
    this.#value = value
    return value === undefined ? null : this.#encode(value, 0)
  }

  #encode(value: unknown, depth: number): unknown {
    switch (typeof value) {
      case "string":
      case "boolean":
        return value
      case "number":
        return isPlainNumber(value)
          ? value
          : { $: "float", value: Object.is(value, -0) ? "-0" : String(value) }
      case "bigint":
        return isSafe(value) ? Number(value) : this.#bigint(value, depth)
      case "object":
        return value === null ? null : this.#object(value, depth)
      default:
        return this.#refuse(
          `${typeof value === "undefined" ? "undefined" : `a ${typeof value}`} cannot be sent`,
          depth,
        )
    }
  }

  #bigint(value: bigint, depth: number): unknown {
    const text = String(value)
    const digits = value < 0n ? text.length - 1 : text.length
    if (digits <= maxIntegerDigits) return { $: "bigint", value: text }
    return this.#refuse(`a bigint of ${digits} digits; at most ${maxIntegerDigits} can be sent`, depth)
  }

  #object(value: object, depth: number): unknown {
    if (Array.isArray(value)) return this.#array(value, depth)
    return isPlainObject(value) ? this.#map(value, depth) : this.#special(value, depth)
  }

  #array(array: readonly unknown[], depth: number): unknown {
    this.#enter(depth)
    let copy: unknown[] | undefined
    for (let index = 0; index < array.length; index++) {
      this.#path[depth] = index
      const entry = array[index]
      const encoded = this.#encode(entry, depth + 1)
      if (encoded !== entry) {
        copy ??= [...array]
        copy[index] = encoded
      }
    }
    return copy ?? array
  }

  #map(map: Entries, depth: number): unknown {
    this.#enter(depth)
    let copy: { [key: string]: unknown } | undefined
    for (const key of Object.keys(map)) {
      const entry = map[key]
      if (entry === undefined) continue
      this.#path[depth] = key
      const encoded = this.#encode(entry, depth + 1)
      if (encoded !== entry) {
        // A spread copies `__proto__` as a key of its own, so that writing to it is harmless.
        copy ??= { ...map }
        copy[key] = encoded
      }
    }
    const entries = copy ?? map
    return Object.hasOwn(entries, "$") && entries.$ !== undefined ? { $: "map", value: entries } : entries
  }

  #special(value: object, depth: number): unknown {
    if (value instanceof Tensor) {
      return { $: "tensor", dtype: value.dtype, shape: value.shape, ...this.#binary(value.bytes) }
    }
    if (isDate(value)) {
      const iso = isoFromDate(value)
      return iso === undefined
        ? this.#refuse("a Date outside the years 1 to 9999", depth)
        : { $: "date", value: iso }
    }
    if (isAnyArrayBuffer(value)) return { $: "bytes", ...this.#binary(new Uint8Array(value)) }
    if (ArrayBuffer.isView(value)) return this.#view(value, depth)
    return this.#refuse(`an instance of ${className(value)} cannot be sent`, depth)
  }

  #view(view: ArrayBufferView, depth: number): unknown {
    if (isUint8Array(view)) return { $: "bytes", ...this.#binary(view) }
    if (view instanceof DataView) {
      return { $: "bytes", ...this.#binary(new Uint8Array(view.buffer, view.byteOffset, view.byteLength)) }
    }
    return this.#special(Tensor.from(view), depth)
  }

  #binary(bytes: Uint8Array): { at: number } | { base64: string } {
    if (this.#options.attachments) return { at: this.attachments.push(bytes) - 1 }
    return { base64: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64") }
  }

  #enter(depth: number): void {
    if (depth >= this.#options.limits.maxDepth) this.#refuseDepth(depth)
  }

  /** A circular value shows itself by its depth; which one it is, is found out only then. */
  #refuseDepth(depth: number): never {
    const ancestors: unknown[] = []
    let value = this.#value
    for (let level = 0; level <= depth; level++) {
      const first = ancestors.indexOf(value)
      if (first >= 0) this.#refuse(`is circular: the same as ${this.#place(first)}`, level)
      ancestors.push(value)
      value = Reflect.get(Object(value), this.#path[level] ?? "")
    }
    this.#refuse(`nests deeper than ${this.#options.limits.maxDepth} levels`, depth)
  }

  #place(depth: number): string {
    return formatPath([this.#root, ...this.#path.slice(0, depth)])
  }

  #refuse(reason: string, depth: number): never {
    throw new InvalidValue(this.#place(depth), reason)
  }
}

/** Whether JSON text of this number reads as the same number, of the same kind, everywhere. */
function isPlainNumber(value: number): boolean {
  if (Number.isSafeInteger(value)) return value !== 0 || !Object.is(value, -0)
  return Number.isFinite(value) && !Number.isInteger(value)
}

function isSafe(value: bigint): boolean {
  return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER
}
