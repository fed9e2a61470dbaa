import {
  AttachmentReader,
  announced,
  appendFrames,
  type Fields,
  type Frame,
  type FrameDecoder,
  type Limits,
  ProtocolViolation,
  type SharedLane,
  sumOf,
  type ToolValue,
  type ValueDecoder,
} from "@snakepit/core/transport"
import { Unread } from "./exact-reader.js"
import { lengthBytes } from "./frame-encode.js"
import { readFields } from "./reader.js"

/** A map whose attachments are still coming. */
interface Unfinished {
  readonly map: Buffer
  readonly size: number
  readonly attachments: AttachmentReader
}

/** Maps of MessagePack behind their lengths, each with the raw bytes that follow it. */
export class MsgpackDecoder implements FrameDecoder {
  readonly #limits: Limits
  readonly #lane: SharedLane | undefined
  /** A length, then a map, that did not come in one piece. */
  #length: AttachmentReader | undefined
  #map: AttachmentReader | undefined
  #unfinished: Unfinished | undefined

  constructor(limits: Limits, lane?: SharedLane) {
    this.#limits = limits
    this.#lane = lane
  }

  feed(chunk: Buffer, frames: Frame[]): void {
    let position = 0
    while (position < chunk.length) {
      if (this.#unfinished !== undefined) {
        position = this.#unfinished.attachments.read(chunk, position)
        this.#finish(this.#unfinished, frames)
      } else if (this.#map !== undefined) position = this.#continue(this.#map, chunk, position, frames)
      else position = this.#begin(chunk, position, frames)
    }
  }

  end(): void {
    if (this.#unfinished === undefined && this.#map === undefined && this.#length === undefined) return
    throw new ProtocolViolation("the stream ended in the middle of a frame")
  }

  #begin(chunk: Buffer, position: number, frames: Frame[]): number {
    if (this.#length !== undefined || chunk.length - position < lengthBytes) {
      return this.#beginInPieces(chunk, position)
    }
    const start = position + lengthBytes
    const length = this.#checked(chunk.readUInt32BE(position))
    if (chunk.length - start < length) {
      this.#map = new AttachmentReader([length])
      return start
    }
    this.#read(chunk.subarray(start, start + length), frames)
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
    this.#read(asBuffer(bytes), frames)
    return end
  }

  #read(map: Buffer, frames: Frame[]): void {
    const fields = readFields(map, this.#limits.maxDepth)
    const attach = announced(fields, this.#limits)
    if (attach.length === 0) return push(fields, map.length, frames)
    const size = map.length + sumOf(attach)
    const attachments = new AttachmentReader(attach, this.#lane)
    this.#unfinished = { map: Buffer.from(map), size, attachments }
    this.#finish(this.#unfinished, frames)
  }

  /** The map is read once more: what its values mean depends on attachments that it announces itself. */
  #finish({ map, size, attachments }: Unfinished, frames: Frame[]): void {
    const { complete } = attachments
    if (complete === undefined) return
    this.#unfinished = undefined
    push(readFields(map, this.#limits.maxDepth, complete), size, frames)
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
    // What `readFields` gives is a ToolValue.
    return value as ToolValue
  },
}

function push(fields: Fields, size: number, frames: Frame[]): void {
  const { value } = fields
  const values = value instanceof Unread ? { ...asRead, encoded: () => value.bytes } : asRead
  appendFrames(fields, values, size, frames)
}

function asBuffer({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength)
}
