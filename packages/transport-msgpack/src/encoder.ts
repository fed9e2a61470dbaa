import { type Entries, type Tensor, ValueEncoder } from "@snakepit/core/transport"
import { extension } from "./tokens.js"
import { Extension, MsgpackWriter } from "./writer.js"

/** Binary data up to this long travels inside of the map (PROTOCOL.md, MP-3). */
const inlineBytes = 10_240

/** Makes the values of one frame fit for `MsgpackWriter` (PROTOCOL.md, section 5). */
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
    return value
  }

  protected bigint(value: bigint, digits: string): unknown {
    const fits = value < 0n ? BigInt.asIntN(64, value) === value : BigInt.asUintN(64, value) === value
    return fits ? value : new Extension(extension.bigint, Buffer.from(digits))
  }

  protected bytes(bytes: Uint8Array): unknown {
    if (!this.#raw || bytes.byteLength <= inlineBytes) return bytes
    const position = Buffer.alloc(4)
    position.writeUInt32BE(this.attachments.push(bytes) - 1)
    return new Extension(extension.attached, position)
  }

  protected date(iso: string): unknown {
    return new Extension(extension.date, Buffer.from(iso))
  }

  protected tensor({ dtype, shape, bytes }: Tensor): unknown {
    const writer = new MsgpackWriter()
    writer.begin()
    writer.value([dtype, shape, this.bytes(bytes)])
    return new Extension(extension.tensor, writer.end())
  }

  protected map(entries: Entries): unknown {
    for (const key of Object.keys(entries)) {
      if (entries[key] === undefined || !key.isWellFormed()) return this.#cleaned(entries)
    }
    return entries
  }

  #cleaned(entries: Entries): Entries {
    const present = Object.entries(entries).filter(([, entry]) => entry !== undefined)
    return Object.fromEntries(present.map(([key, entry]) => [this.text(key), entry]))
  }
}
