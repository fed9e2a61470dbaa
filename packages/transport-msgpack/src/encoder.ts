import { type Entries, packNumbers, type Tensor, ValueEncoder } from "@snakepit/core/transport"
import {
  AttachedExtension,
  BigintExtension,
  DateExtension,
  FloatExtension,
  ListExtension,
  TensorExtension,
} from "./extensions.js"
import { pack } from "./pack.js"

/** Binary data up to this long travels inside of the map (PROTOCOL.md, MP-3). */
const inlineBytes = 10_240

/** Makes the values of one frame fit for `pack` (PROTOCOL.md, section 5). */
export class MsgpackEncoder extends ValueEncoder {
  /** Whether a string was not valid Unicode. What is returned has U+FFFD in place of what was wrong. */
  maimed = false
  readonly #raw: boolean

  /** @param raw whether the peer reads raw attachments. */
  constructor(maxDepth: number, raw: boolean) {
    super(maxDepth)
    this.#raw = raw
  }

  override text(text: string): string {
    if (text.isWellFormed()) return text
    this.maimed = true
    return text.toWellFormed()
  }

  protected number(value: number): unknown {
    return Object.is(value, -0) ? negativeZero() : fitNumber(value)
  }

  protected bigint(value: bigint, digits: string): unknown {
    const fits = value < 0n ? BigInt.asIntN(64, value) === value : BigInt.asUintN(64, value) === value
    return fits ? value : new BigintExtension(Buffer.from(digits))
  }

  protected bytes(bytes: Uint8Array): unknown {
    if (!this.#raw || bytes.byteLength <= inlineBytes) return bytes
    const position = Buffer.alloc(4)
    position.writeUInt32BE(this.attachments.push(bytes) - 1)
    return new AttachedExtension(position)
  }

  protected date(iso: string): unknown {
    return new DateExtension(Buffer.from(iso))
  }

  protected tensor({ dtype, shape, bytes }: Tensor): unknown {
    return new TensorExtension(pack([dtype, shape.map(fitNumber), this.bytes(bytes)]))
  }

  protected map(entries: Entries): unknown {
    for (const key of Object.keys(entries)) {
      if (entries[key] === undefined || !key.isWellFormed()) return this.#cleaned(entries)
    }
    return entries
  }

  protected override packed(list: readonly unknown[]): unknown {
    const numbers = this.#raw ? packNumbers(list) : undefined
    return numbers && new ListExtension(pack([numbers.dtype, this.bytes(numbers.bytes)]))
  }

  #cleaned(entries: Entries): Entries {
    const present = Object.entries(entries).filter(([, entry]) => entry !== undefined)
    return Object.fromEntries(present.map(([key, entry]) => [this.text(key), entry]))
  }
}

/** msgpackr writes a number of more than 32 bits as a float, even an integral one. */
export function fitNumber(value: number): number | bigint {
  const small = value >= -(2 ** 31) && value < 2 ** 32
  return small || !Number.isSafeInteger(value) ? value : BigInt(value)
}

/** msgpackr writes −0 as the integer 0. */
function negativeZero(): unknown {
  const bytes = Buffer.alloc(8)
  bytes.writeDoubleBE(-0)
  return new FloatExtension(bytes)
}
