import { isUtf8 } from "node:buffer"
import { ProtocolViolation } from "@snakepit/core/transport"
import { exactTimestamp, extensionTypes, standardTimestamp } from "./extensions.js"

const known: readonly number[] = Object.values(extensionTypes)
const byteOrderMark = Buffer.from("\ufeff")
/** Where a header says that text follows, this much less says that bytes do. */
const textToBinary = 0xd9 - 0xc4

/**
 * Passes over MessagePack and checks it, without reading the values. What msgpackr would not read as it was meant, it
 * makes readable: the bytes are changed.
 */
export class Cursor {
  position = 0
  /** An extension type that was passed and is not in the table of PROTOCOL.md. */
  foreign: number | undefined
  /** Where texts begin, as a `byteOffset`, that are bytes now: msgpackr drops the U+FEFF they begin with. */
  readonly texts = new Set<number>()

  constructor(readonly bytes: Buffer) {}

  get atEnd(): boolean {
    return this.position === this.bytes.length
  }

  /** Passes over the value here, however deep it is. @throws {ProtocolViolation} when it is not MessagePack. */
  pass(): void {
    for (let values = 1; values > 0; values--) values += this.enter()
  }

  /** Passes over a value but for those inside of it. @returns how many those are. */
  enter(): number {
    const first = this.#integer(1)
    if (first < 0x80 || first >= 0xe0) return 0
    if (first < 0x90) return 2 * (first & 0x0f)
    if (first < 0xa0) return first & 0x0f
    if (first < 0xc0) return this.#text(first & 0x1f)
    if (first >= 0xde) return 2 * this.#integer(2 << (first - 0xde))
    if (first >= 0xdc) return this.#integer(2 << (first - 0xdc))
    return this.#scalar(first)
  }

  #scalar(first: number): 0 {
    if (first >= 0xd9) return this.#longText(first)
    if (first >= 0xd4) return this.#extension(1 << (first - 0xd4))
    if (first >= 0xcc) return this.#skip(1 << (first & 0x03))
    if (first >= 0xca) return this.#skip(4 << (first - 0xca))
    if (first >= 0xc7) return this.#extension(this.#integer(1 << (first - 0xc7)))
    if (first >= 0xc4) return this.#skip(this.#integer(1 << (first - 0xc4)))
    if (first === 0xc1) throw new ProtocolViolation("not MessagePack: the byte 0xc1")
    return 0
  }

  #text(length: number): 0 {
    const start = this.position
    this.#skip(length)
    if (isUtf8(this.bytes.subarray(start, this.position))) return 0
    throw new ProtocolViolation("a string is not valid UTF-8")
  }

  #longText(first: number): 0 {
    const header = this.position - 1
    const length = this.#integer(1 << (first - 0xd9))
    const start = this.position
    this.#text(length)
    if (byteOrderMark.equals(this.bytes.subarray(start, start + byteOrderMark.length))) {
      this.bytes[header] = first - textToBinary
      this.texts.add(this.bytes.byteOffset + start)
    }
    return 0
  }

  #extension(length: number): 0 {
    const type = this.#integer(1)
    if (type === standardTimestamp) this.bytes[this.position - 1] = exactTimestamp
    else if (!known.includes(type)) this.foreign = type
    return this.#skip(length)
  }

  #integer(size: number): number {
    this.#skip(size)
    return this.bytes.readUIntBE(this.position - size, size)
  }

  #skip(length: number): 0 {
    if (length > this.bytes.length - this.position) throw new ProtocolViolation("MessagePack ends in a value")
    this.position += length
    return 0
  }
}
