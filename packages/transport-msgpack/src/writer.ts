import { type extension, token } from "./tokens.js"

/** An extension type and its bytes. */
export class Extension {
  constructor(
    readonly type: (typeof extension)[keyof typeof extension],
    readonly bytes: Uint8Array,
  ) {}
}

/** Small messages share memory of this size; nothing is ever written over. */
const slabBytes = 32 * 1024
/** Shorter text is cheaper to write here than by a call out of JavaScript. */
const shortText = 40
const two32 = 2 ** 32
const noBytes: Buffer = Buffer.alloc(0)

/** Writes MessagePack; integers, lengths and sizes in their shortest form. */
export class MsgpackWriter {
  #bytes: Buffer = noBytes
  #view = viewOf(noBytes)
  #start = 0
  #position = 0

  /** Begins a message. @param reserved bytes to leave free before it. */
  begin(reserved = 0): void {
    this.#start = this.#position
    this.#position = this.#room(reserved) + reserved
  }

  /** The message, with what was reserved before it. Its memory is the caller's. */
  end(): Buffer {
    const message = this.#bytes.subarray(this.#start, this.#position)
    // A small message that came to lie behind a large one would keep it alive.
    if (this.#bytes.length > slabBytes) this.#use(noBytes, 0)
    return message
  }

  /** @throws {TypeError} on what MessagePack has no form for. */
  value(value: unknown): void {
    switch (typeof value) {
      case "string":
        return this.text(value)
      case "number":
        return this.number(value)
      case "boolean":
        return this.#byte(value ? token.true : token.false)
      case "bigint":
        return this.#bigint(value)
      case "object":
        return value === null ? this.#byte(token.nil) : this.#object(value)
      default:
        throw new TypeError(`a ${typeof value} has no form in MessagePack`)
    }
  }

  map(size: number): void {
    this.#header(size, 0x80, token.map16, token.map32)
  }

  array(length: number): void {
    this.#header(length, 0x90, token.array16, token.array32)
  }

  /** @param text valid Unicode. */
  text(text: string): void {
    if (text.length < shortText && this.#ascii(text)) return
    const length = Buffer.byteLength(text)
    if (length < 0x20) this.#byte(0xa0 | length)
    else this.#size(length, token.str8, token.str16, token.str32)
    const at = this.#room(length)
    this.#bytes.write(text, at)
    this.#position = at + length
  }

  number(value: number): void {
    if (!Number.isSafeInteger(value) || Object.is(value, -0)) {
      const at = this.#tagged(token.float64, 8)
      this.#view.setFloat64(at, value)
    } else if (value >= 0) this.#positive(value)
    else this.#negative(value)
  }

  #object(value: object): void {
    if (Array.isArray(value)) {
      this.array(value.length)
      for (let index = 0; index < value.length; index++) this.value(value[index])
    } else if (value instanceof Uint8Array) {
      this.#size(value.byteLength, token.bin8, token.bin16, token.bin32)
      this.#copy(value)
    } else if (value instanceof Extension) this.#extension(value)
    else {
      const keys = Object.keys(value)
      this.map(keys.length)
      for (const key of keys) {
        this.text(key)
        this.value(Reflect.get(value, key))
      }
    }
  }

  #extension({ type, bytes }: Extension): void {
    const fixed = 1 << (31 - Math.clz32(bytes.length))
    if (fixed === bytes.length && fixed <= 16) this.#byte(token.fixext1 + Math.log2(fixed))
    else this.#size(bytes.length, token.ext8, token.ext16, token.ext32)
    this.#byte(type & 0xff)
    this.#copy(bytes)
  }

  #positive(value: number): void {
    if (value < 0x80) this.#byte(value)
    else if (value < two32) this.#size(value, token.uint8, token.uint16, token.uint32)
    else {
      const at = this.#tagged(token.uint64, 8)
      this.#view.setUint32(at, value / two32)
      this.#view.setUint32(at + 4, value % two32)
    }
  }

  #negative(value: number): void {
    if (value >= -0x20) this.#byte(value + 0x100)
    // Two's complement is the same whether its bits are taken as signed or not.
    else if (value >= -0x80) this.#tagged8(token.int8, value & 0xff)
    else if (value >= -0x8000) this.#tagged16(token.int16, value)
    else if (value >= -0x80000000) this.#tagged32(token.int32, value)
    else this.#tagged64(token.int64, BigInt(value))
  }

  #bigint(value: bigint): void {
    this.#tagged64(value < 0n ? token.int64 : token.uint64, value)
  }

  /** Writes text of less than 32 bytes that is ASCII. @returns whether it was. */
  #ascii(text: string): boolean {
    const { length } = text
    const at = this.#room(2 + length) + (length < 0x20 ? 1 : 2)
    const view = this.#view
    for (let index = 0; index < length; index++) {
      const code = text.charCodeAt(index)
      if (code >= 0x80) return false
      view.setUint8(at + index, code)
    }
    if (length < 0x20) view.setUint8(at - 1, 0xa0 | length)
    else view.setUint16(at - 2, (token.str8 << 8) | length)
    this.#position = at + length
    return true
  }

  #header(size: number, small: number, of16: number, of32: number): void {
    if (size < 0x10) this.#byte(small | size)
    else if (size < 0x10000) this.#tagged16(of16, size)
    else this.#tagged32(of32, size)
  }

  #size(size: number, of8: number, of16: number, of32: number): void {
    if (size < 0x100) this.#tagged8(of8, size)
    else if (size < 0x10000) this.#tagged16(of16, size)
    else this.#tagged32(of32, size)
  }

  #byte(byte: number): void {
    const at = this.#room(1)
    this.#view.setUint8(at, byte)
    this.#position = at + 1
  }

  #tagged8(byte: number, value: number): void {
    const at = this.#tagged(byte, 1)
    this.#view.setUint8(at, value)
  }

  #tagged16(byte: number, value: number): void {
    const at = this.#tagged(byte, 2)
    this.#view.setUint16(at, value)
  }

  #tagged32(byte: number, value: number): void {
    const at = this.#tagged(byte, 4)
    this.#view.setUint32(at, value)
  }

  #tagged64(byte: number, value: bigint): void {
    const at = this.#tagged(byte, 8)
    this.#view.setBigUint64(at, value)
  }

  /** Writes a token and makes room behind it, maybe in other memory. @returns where that is. */
  #tagged(byte: number, length: number): number {
    const at = this.#room(1 + length)
    this.#view.setUint8(at, byte)
    this.#position = at + 1 + length
    return at + 1
  }

  #copy(bytes: Uint8Array): void {
    const at = this.#room(bytes.byteLength)
    this.#bytes.set(bytes, at)
    this.#position = at + bytes.byteLength
  }

  /** Makes room for as many bytes. @returns where they begin. */
  #room(length: number): number {
    if (this.#position + length > this.#bytes.length) this.#grow(length)
    return this.#position
  }

  #grow(length: number): void {
    const written = this.#bytes.subarray(this.#start, this.#position)
    const needed = written.length + length
    const bytes = Buffer.allocUnsafeSlow(needed < slabBytes / 2 ? slabBytes : needed + (needed >> 1))
    written.copy(bytes)
    this.#use(bytes, written.length)
  }

  #use(bytes: Buffer, position: number): void {
    this.#bytes = bytes
    this.#view = viewOf(bytes)
    this.#start = 0
    this.#position = position
  }
}

function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
