import { isAnyArrayBuffer, isDate, isUint8Array } from "node:util/types"
import { formatPath, InvalidValue } from "./invalid-value.js"
import { maxIntegerDigits } from "./limits.js"
import { className, isPlainObject } from "./plain-object.js"
import { Tensor } from "./tensor.js"
import { isoFromDate } from "./zoned-date.js"

type Key = string | number
/** The entries of a map. */
export type Entries = { readonly [key: string]: unknown }

/**
 * Walks over values and makes them fit for one encoding, which says how it writes what is not plain. What can be
 * written already is returned as it is, so an ordinary value costs one walk and no copy.
 */
export abstract class ValueEncoder {
  /** Raw bytes to send beside the frame, in order; not copied. */
  readonly attachments: Uint8Array[] = []
  readonly #maxDepth: number
  #root = ""
  #value: unknown
  /** Keys from the root to where the walk is; only as many as the current depth count. */
  readonly #path: Key[] = []

  constructor(maxDepth: number) {
    this.#maxDepth = maxDepth
  }

  protected abstract number(value: number): unknown
  /** @param digits the decimal digits of `value`, with its sign. */
  protected abstract bigint(value: bigint, digits: string): unknown
  protected abstract bytes(bytes: Uint8Array): unknown
  protected abstract date(iso: string): unknown
  protected abstract tensor(tensor: Tensor): unknown
  /** @param entries fit for the encoding already. */
  protected abstract map(entries: Entries): unknown

  /** Default: as it is. */
  protected text(text: string): unknown {
    return text
  }

  /** A list in one piece; `undefined` when it is to be encoded entry by entry. */
  protected packed(_list: readonly unknown[]): unknown {
    return undefined
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
        return this.text(value)
      case "boolean":
        return value
      case "number":
        return this.number(value)
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
    if (digits <= maxIntegerDigits) return this.bigint(value, text)
    return this.#refuse(`a bigint of ${digits} digits; at most ${maxIntegerDigits} can be sent`, depth)
  }

  #object(value: object, depth: number): unknown {
    if (Array.isArray(value)) return this.#array(value, depth)
    return isPlainObject(value) ? this.#map(value, depth) : this.#special(value, depth)
  }

  #array(array: readonly unknown[], depth: number): unknown {
    this.#enter(depth)
    const packed = this.packed(array)
    if (packed !== undefined) return packed
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
    return this.map(copy ?? map)
  }

  #special(value: object, depth: number): unknown {
    if (value instanceof Tensor) {
      if (value.size > 0 && value.data.length === 0)
        this.#refuse("a Tensor whose memory was transferred", depth)
      return this.tensor(value)
    }
    if (isDate(value)) {
      const iso = isoFromDate(value)
      return iso === undefined ? this.#refuse("a Date outside the years 1 to 9999", depth) : this.date(iso)
    }
    if (isDetached(value)) return this.#refuse(`a ${className(value)} whose memory was transferred`, depth)
    if (isAnyArrayBuffer(value)) return this.bytes(new Uint8Array(value))
    if (ArrayBuffer.isView(value)) return this.#view(value)
    return this.#refuse(`an instance of ${className(value)} cannot be sent`, depth)
  }

  #view(view: ArrayBufferView): unknown {
    if (isUint8Array(view)) return this.bytes(view)
    if (view instanceof DataView) {
      return this.bytes(new Uint8Array(view.buffer, view.byteOffset, view.byteLength))
    }
    return this.tensor(Tensor.from(view))
  }

  #enter(depth: number): void {
    if (depth >= this.#maxDepth) this.#refuseDepth(depth)
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
    this.#refuse(`nests deeper than ${this.#maxDepth} levels`, depth)
  }

  #place(depth: number): string {
    return formatPath([this.#root, ...this.#path.slice(0, depth)])
  }

  #refuse(reason: string, depth: number): never {
    throw new InvalidValue(this.#place(depth), reason)
  }
}

function isSafe(value: bigint): boolean {
  return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER
}

/** Whether the memory has gone elsewhere, to a worker thread for instance. */
function isDetached(value: object): boolean {
  const buffer = ArrayBuffer.isView(value) ? value.buffer : value
  if (!isAnyArrayBuffer(buffer) || buffer.byteLength > 0) return false
  try {
    new Uint8Array(buffer)
    return false
  } catch {
    return true
  }
}
