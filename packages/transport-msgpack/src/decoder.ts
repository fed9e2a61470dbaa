import {
  AttachmentReader,
  announcedBytes,
  type Fields,
  type Frame,
  type FrameDecoder,
  frameFromFields,
  type Limits,
  ProtocolViolation,
  type ToolValue,
  type ValueDecoder,
} from "@snakepit/core/transport"
import { MsgpackReader, Unread } from "./reader.js"
import { Names } from "./texts.js"
import { lengthBytes } from "./tokens.js"

/** A map whose attachments are still coming. */
interface Unfinished {
  readonly map: Buffer
  readonly size: number
  readonly attachments: AttachmentReader
}

/** Maps of MessagePack behind their lengths, each with the raw bytes that follow it. */
export class MsgpackDecoder implements FrameDecoder {
  readonly #limits: Limits
  readonly #names = new Names()
  /** A length, then a map, that did not come in one piece. */
  #length: AttachmentReader | undefined
  #map: AttachmentReader | undefined
  #unfinished: Unfinished | undefined

  constructor(limits: Limits) {
    this.#limits = limits
  }

  feed(chunk: Buffer, frames: Frame[]): void {
    const reader = this.#reader(chunk)
    let position = 0
    while (position < chunk.length) {
      if (this.#unfinished !== undefined) {
        position = this.#unfinished.attachments.read(chunk, position)
        this.#finish(this.#unfinished, frames)
      } else if (this.#map !== undefined) position = this.#continue(this.#map, chunk, position, frames)
      else position = this.#begin(reader, chunk, position, frames)
    }
  }

  end(): void {
    if (this.#unfinished === undefined && this.#map === undefined && this.#length === undefined) return
    throw new ProtocolViolation("the stream ended in the middle of a frame")
  }

  #begin(reader: MsgpackReader, chunk: Buffer, position: number, frames: Frame[]): number {
    if (this.#length !== undefined || chunk.length - position < lengthBytes) {
      return this.#beginInPieces(chunk, position)
    }
    const start = position + lengthBytes
    const length = this.#checked(chunk.readUInt32BE(position))
    if (chunk.length - start < length) {
      this.#map = new AttachmentReader([length])
      return start
    }
    this.#read(reader, chunk, start, start + length, frames)
    return start + length
  }

  #beginInPieces(chunk: Buffer, position: number): number {
    this.#length ??= new AttachmentReader([lengthBytes])
    const end = this.#length.read(chunk, position)
    const [bytes] = this.#length.complete ?? []
    if (bytes === undefined) return end
    this.#length = undefined
    this.#map = new AttachmentReader([this.#checked(asBuffer(bytes).readUInt32BE())])
    return end
  }

  #continue(map: AttachmentReader, chunk: Buffer, position: number, frames: Frame[]): number {
    const end = map.read(chunk, position)
    const [bytes] = map.complete ?? []
    if (bytes === undefined) return end
    this.#map = undefined
    this.#read(this.#reader(asBuffer(bytes)), asBuffer(bytes), 0, bytes.length, frames)
    return end
  }

  #read(reader: MsgpackReader, bytes: Buffer, start: number, end: number, frames: Frame[]): void {
    const fields = reader.frame(start, end)
    const lengths = announcedBytes(fields, this.#limits)
    if (lengths.length === 0) return push(fields, end - start, frames)
    const size = lengths.reduce((sum, length) => sum + length, end - start)
    const map = Buffer.from(bytes.subarray(start, end))
    this.#unfinished = { map, size, attachments: new AttachmentReader(lengths) }
    this.#finish(this.#unfinished, frames)
  }

  /** The map is read once more: what its values mean depends on attachments that it announces itself. */
  #finish({ map, size, attachments }: Unfinished, frames: Frame[]): void {
    const { complete } = attachments
    if (complete === undefined) return
    this.#unfinished = undefined
    push(this.#reader(map).frame(0, map.length, complete), size, frames)
  }

  #reader(bytes: Buffer): MsgpackReader {
    return new MsgpackReader(bytes, this.#names, this.#limits.maxDepth)
  }

  #checked(length: number): number {
    const { maxFrameBytes } = this.#limits
    if (length <= maxFrameBytes) return length
    throw new ProtocolViolation(`a frame of ${length} bytes; maxFrameBytes is ${maxFrameBytes}`)
  }
}

const asRead: ValueDecoder = {
  decode(value, root) {
    if (value instanceof Unread) throw new ProtocolViolation(`${root}: ${value.reason}`)
    // What MsgpackReader gives is a ToolValue.
    return value as ToolValue
  },
}

function push(fields: Fields, size: number, frames: Frame[]): void {
  const { value } = fields
  const values = value instanceof Unread ? { ...asRead, encoded: () => value.bytes } : asRead
  const frame = frameFromFields(fields, values, size)
  if (frame !== undefined) frames.push(frame)
}

function asBuffer({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength)
}
