import { isUtf8 } from "node:buffer"
import { sumOf } from "../protocol/attach.js"
import type { Frame } from "../protocol/frame.js"
import { decodeLine, type JsonLine, readLine } from "../protocol/json-line.js"
import type { Limits } from "../protocol/limits.js"
import { ProtocolViolation } from "../protocol/violation.js"
import { AttachmentReader } from "./attachments.js"
import { ByteBuffer } from "./byte-buffer.js"
import type { FrameDecoder } from "./codec.js"
import type { SharedLane } from "./shared/lane.js"

const newline = 0x0a
const none: readonly Uint8Array[] = []

/** A line whose attachments are still coming. */
interface Unfinished {
  readonly line: JsonLine
  readonly size: number
  readonly attachments: AttachmentReader
}

/** Lines of JSON, each with the raw bytes that follow it. */
export class JsonLineDecoder implements FrameDecoder {
  readonly #options: { readonly limits: Limits }
  readonly #lane: SharedLane | undefined
  readonly #partial = new ByteBuffer()
  #unfinished: Unfinished | undefined

  constructor(limits: Limits, lane?: SharedLane) {
    this.#options = { limits }
    this.#lane = lane
  }

  feed(chunk: Buffer, frames: Frame[]): void {
    let position = 0
    while (position < chunk.length) {
      if (this.#unfinished !== undefined) {
        position = this.#unfinished.attachments.read(chunk, position)
        this.#finish(this.#unfinished, frames)
        continue
      }
      const end = chunk.indexOf(newline, position)
      if (end < 0) return this.#keep(chunk.subarray(position))
      this.#line(chunk.subarray(position, end), frames)
      position = end + 1
    }
  }

  end(): void {
    if (this.#unfinished === undefined && this.#partial.length === 0) return
    throw new ProtocolViolation("the stream ended in the middle of a frame")
  }

  #keep(part: Buffer): void {
    this.#checkLength(this.#partial.length + part.length)
    this.#partial.append(part)
  }

  #line(tail: Buffer, frames: Frame[]): void {
    this.#checkLength(this.#partial.length + tail.length)
    if (this.#partial.length === 0) return this.#decode(tail, frames)
    this.#partial.append(tail)
    this.#decode(this.#partial.take(), frames)
  }

  #decode(bytes: Buffer, frames: Frame[]): void {
    const line = readLine(textOf(bytes), this.#options.limits)
    if (line.attach.length === 0) return decodeLine(line, none, this.#options, bytes.length, frames)
    const size = bytes.length + sumOf(line.attach)
    this.#unfinished = { line, size, attachments: new AttachmentReader(line.attach, this.#lane) }
    this.#finish(this.#unfinished, frames)
  }

  #finish({ line, size, attachments }: Unfinished, frames: Frame[]): void {
    const { complete } = attachments
    if (complete === undefined) return
    this.#unfinished = undefined
    decodeLine(line, complete, this.#options, size, frames)
  }

  #checkLength(length: number): void {
    const { maxFrameBytes } = this.#options.limits
    if (length > maxFrameBytes)
      throw new ProtocolViolation(`a line is longer than maxFrameBytes (${maxFrameBytes})`)
  }
}

function textOf(bytes: Buffer): string {
  const text = bytes.toString("utf8")
  // Decoding puts U+FFFD in place of what is not UTF-8: without one there is nothing to check.
  if (text.includes("\ufffd") && !isUtf8(bytes)) throw new ProtocolViolation("a line is not valid UTF-8")
  return text
}
