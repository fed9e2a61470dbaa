import type { Limits } from "./limits.js"
import { packNumbers } from "./number-list.js"
import type { Tensor } from "./tensor.js"
import { type Entries, ValueEncoder } from "./value-encode.js"

/** What the receiver of a frame can take. */
export interface EncodeOptions {
  readonly limits: Limits
  /** Whether the peer reads raw attachments; otherwise binary data is written as base64 (PROTOCOL.md, JS-5). */
  readonly attachments: boolean
}

/** Makes the values of one frame fit for `JSON.stringify` (PROTOCOL.md, section 4). */
export class JsonEncoder extends ValueEncoder {
  readonly #raw: boolean

  constructor({ limits, attachments }: EncodeOptions) {
    super(limits.maxDepth)
    this.#raw = attachments
  }

  protected number(value: number): unknown {
    return isPlain(value) ? value : { $: "float", value: Object.is(value, -0) ? "-0" : String(value) }
  }

  protected bigint(_value: bigint, digits: string): unknown {
    return { $: "bigint", value: digits }
  }

  protected bytes(bytes: Uint8Array): unknown {
    return { $: "bytes", ...this.#binary(bytes) }
  }

  protected date(iso: string): unknown {
    return { $: "date", value: iso }
  }

  protected tensor({ dtype, shape, bytes }: Tensor): unknown {
    return { $: "tensor", dtype, shape, ...this.#binary(bytes) }
  }

  protected map(entries: Entries): unknown {
    return Object.hasOwn(entries, "$") && entries.$ !== undefined ? { $: "map", value: entries } : entries
  }

  protected override packed(list: readonly unknown[]): unknown {
    const numbers = this.#raw ? packNumbers(list) : undefined
    return numbers && { $: "list", dtype: numbers.dtype, ...this.#binary(numbers.bytes) }
  }

  #binary(bytes: Uint8Array): { at: number } | { base64: string } {
    if (this.#raw) return { at: this.attachments.push(bytes) - 1 }
    return { base64: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64") }
  }
}

/** Whether JSON text of this number reads as the same number, of the same kind, everywhere. */
function isPlain(value: number): boolean {
  if (Number.isSafeInteger(value)) return value !== 0 || !Object.is(value, -0)
  return Number.isFinite(value) && !Number.isInteger(value)
}
