import { ProtocolViolation } from "@snakepit/core/transport"
import { token } from "./tokens.js"

/** A place in some bytes, and the end that it must not pass. */
export class Cursor {
  readonly view: DataView
  position = 0
  end: number

  constructor(readonly bytes: Buffer) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.end = bytes.byteLength
  }

  /** Moves on by as many bytes. @returns where they begin. */
  take(length: number): number {
    const at = this.position
    if (length > this.end - at) throw new ProtocolViolation("MessagePack ends in the middle of a value")
    this.position = at + length
    return at
  }

  u8(): number {
    return this.view.getUint8(this.take(1))
  }

  u16(): number {
    return this.view.getUint16(this.take(2))
  }

  u32(): number {
    return this.view.getUint32(this.take(4))
  }

  /**
   * Passes over the value here, however deep it is.
   * @returns its bytes, a view.
   */
  skip(): Buffer {
    const start = this.position
    for (let values = 1; values > 0; values--) values += this.#open()
    return this.bytes.subarray(start, this.position)
  }

  /** Passes over a value but for those inside of it. @returns how many those are. */
  #open(): number {
    const first = this.u8()
    if (first < 0x80 || first >= 0xe0) return 0
    if (first < 0x90) return 2 * (first & 0x0f)
    if (first < 0xa0) return first & 0x0f
    if (first >= token.array16) return this.#openLarge(first)
    this.take(first < 0xc0 ? first & 0x1f : this.#scalarBytes(first))
    return 0
  }

  #openLarge(first: number): number {
    const length = first === token.array16 || first === token.map16 ? this.u16() : this.u32()
    return first >= token.map16 ? 2 * length : length
  }

  #scalarBytes(first: number): number {
    if (first >= token.fixext1 && first <= token.fixext16) return 1 + 2 ** (first - token.fixext1)
    switch (first) {
      case token.bin8:
      case token.str8:
        return this.u8()
      case token.bin16:
      case token.str16:
        return this.u16()
      case token.bin32:
      case token.str32:
        return this.u32()
      case token.ext8:
        return 1 + this.u8()
      case token.ext16:
        return 1 + this.u16()
      case token.ext32:
        return 1 + this.u32()
      case token.float32:
        return 4
      case token.float64:
        return 8
      default:
        return first < token.uint8 ? 0 : 2 ** (first & 0x03)
    }
  }
}
