import { type Fields, ProtocolViolation } from "@snakepit/core/transport"
import { Cursor } from "./cursor.js"
import { readExtension, type Surroundings, Unreadable } from "./extensions.js"
import { type Names, readText } from "./texts.js"
import { token } from "./tokens.js"

const two32 = 2 ** 32
const none: readonly Uint8Array[] = []

/** In place of a field's value that could not be read. */
export class Unread {
  constructor(
    readonly reason: string,
    /** The value's own bytes. */
    readonly bytes: Uint8Array,
  ) {}
}

/**
 * Reads MessagePack strictly, values brought back to what they were. A general library will not do: what extension
 * types mean is the same for all its users in a process, and it compiles functions out of what a peer sent.
 */
export class MsgpackReader implements Surroundings {
  attachments: readonly Uint8Array[] = none
  readonly #cursor: Cursor
  readonly #names: Names
  readonly #maxDepth: number

  constructor(bytes: Buffer, names: Names, maxDepth: number) {
    this.#cursor = new Cursor(bytes)
    this.#names = names
    this.#maxDepth = maxDepth
  }

  /**
   * The fields of the frame that takes all the bytes between `start` and `end`.
   * @throws {ProtocolViolation} when they are something else. What is wrong with a value alone is an `Unread` there.
   */
  frame(start: number, end: number, attachments = none): Fields {
    this.attachments = attachments
    this.#cursor.position = start
    this.#cursor.end = end
    const fields: { [name: string]: unknown } = {}
    for (let left = this.#frameSize(); left > 0; left--) set(fields, this.#name(), this.#field())
    this.#checkEnd()
    return fields
  }

  unpack(bytes: Buffer): unknown {
    const inner = new MsgpackReader(bytes, this.#names, this.#maxDepth)
    inner.attachments = this.attachments
    const value = inner.#value(0)
    inner.#checkEnd()
    return value
  }

  #frameSize(): number {
    const first = this.#cursor.u8()
    if ((first & 0xf0) === 0x80) return first & 0x0f
    if (first === token.map16) return this.#cursor.u16()
    if (first === token.map32) return this.#cursor.u32()
    throw new ProtocolViolation("a frame is not a map")
  }

  #field(): unknown {
    const { position } = this.#cursor
    try {
      return this.#value(0)
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error
      this.#cursor.position = position
      return new Unread(error.message, new Uint8Array(this.#cursor.skip()))
    }
  }

  #value(depth: number): unknown {
    const first = this.#cursor.u8()
    if (first < 0x80) return first
    if (first < 0x90) return this.#map(first & 0x0f, depth)
    if (first < 0xa0) return this.#array(first & 0x0f, depth)
    if (first < 0xc0) return this.#text(first & 0x1f)
    if (first >= 0xe0) return first - 0x100
    if (first >= token.array16) return this.#container(first, depth)
    return first < token.float32 ? this.#simple(first) : this.#number(first)
  }

  #container(first: number, depth: number): unknown {
    const length = first === token.array16 || first === token.map16 ? this.#cursor.u16() : this.#cursor.u32()
    return first >= token.map16 ? this.#map(length, depth) : this.#array(length, depth)
  }

  #simple(first: number): unknown {
    switch (first) {
      case token.nil:
        return null
      case token.false:
        return false
      case token.true:
        return true
      case token.bin8:
        return this.#bytes(this.#cursor.u8())
      case token.bin16:
        return this.#bytes(this.#cursor.u16())
      case token.bin32:
        return this.#bytes(this.#cursor.u32())
      case token.ext8:
        return this.#extension(this.#cursor.u8())
      case token.ext16:
        return this.#extension(this.#cursor.u16())
      case token.ext32:
        return this.#extension(this.#cursor.u32())
      default:
        throw new ProtocolViolation(`not MessagePack: the byte 0x${first.toString(16)}`)
    }
  }

  #number(first: number): unknown {
    const { view } = this.#cursor
    switch (first) {
      case token.float32:
        return view.getFloat32(this.#cursor.take(4))
      case token.float64:
        return view.getFloat64(this.#cursor.take(8))
      case token.uint8:
        return this.#cursor.u8()
      case token.uint16:
        return this.#cursor.u16()
      case token.uint32:
        return this.#cursor.u32()
      case token.uint64:
        return this.#integer64(false)
      case token.int8:
        return view.getInt8(this.#cursor.take(1))
      case token.int16:
        return view.getInt16(this.#cursor.take(2))
      case token.int32:
        return view.getInt32(this.#cursor.take(4))
      case token.int64:
        return this.#integer64(true)
      case token.str8:
        return this.#text(this.#cursor.u8())
      case token.str16:
        return this.#text(this.#cursor.u16())
      case token.str32:
        return this.#text(this.#cursor.u32())
      default:
        return this.#extension(2 ** (first - token.fixext1))
    }
  }

  /** A number where that is exact. */
  #integer64(signed: boolean): number | bigint {
    const { view } = this.#cursor
    const at = this.#cursor.take(8)
    const high = signed ? view.getInt32(at) : view.getUint32(at)
    const value = high * two32 + view.getUint32(at + 4)
    if (Number.isSafeInteger(value)) return value
    return signed ? view.getBigInt64(at) : view.getBigUint64(at)
  }

  #text(length: number): string {
    const { bytes, view } = this.#cursor
    const start = this.#cursor.take(length)
    return readText(bytes, view, start, start + length) ?? refuseText()
  }

  #name(): string {
    const first = this.#cursor.u8()
    const { bytes, view } = this.#cursor
    const length = (first & 0xe0) === 0xa0 ? first & 0x1f : this.#nameLength(first)
    const start = this.#cursor.take(length)
    return this.#names.read(bytes, view, start, start + length) ?? refuseText()
  }

  #nameLength(first: number): number {
    if (first === token.str8) return this.#cursor.u8()
    if (first === token.str16) return this.#cursor.u16()
    if (first === token.str32) return this.#cursor.u32()
    throw new ProtocolViolation("a key is not a string")
  }

  /** A copy: what was read from may be large, and is used again. */
  #bytes(length: number): Uint8Array {
    const start = this.#cursor.take(length)
    return new Uint8Array(this.#cursor.bytes.subarray(start, start + length))
  }

  #extension(length: number): unknown {
    const type = this.#cursor.view.getInt8(this.#cursor.take(1))
    const start = this.#cursor.take(length)
    return readExtension(type, this.#cursor.bytes.subarray(start, start + length), this)
  }

  #array(length: number, depth: number): unknown[] {
    this.#enter(depth)
    const array: unknown[] = []
    for (let left = length; left > 0; left--) array.push(this.#value(depth + 1))
    return array
  }

  #map(size: number, depth: number): Fields {
    this.#enter(depth)
    const map: { [key: string]: unknown } = {}
    for (let left = size; left > 0; left--) set(map, this.#name(), this.#value(depth + 1))
    return map
  }

  #enter(depth: number): void {
    if (depth >= this.#maxDepth) throw new Unreadable(`nests deeper than ${this.#maxDepth} levels`)
  }

  #checkEnd(): void {
    if (this.#cursor.position !== this.#cursor.end)
      throw new ProtocolViolation("bytes follow what should be all")
  }
}

function set(map: { [key: string]: unknown }, key: string, value: unknown): void {
  // Set as usual, it would become the map's prototype.
  if (key === "__proto__") {
    Object.defineProperty(map, key, { value, writable: true, enumerable: true, configurable: true })
  } else map[key] = value
}

function refuseText(): never {
  throw new ProtocolViolation("a string is not valid UTF-8")
}
