import { type Attached, announced } from "./attach.js"
import { type Fields, map } from "./fields.js"
import type { Frame } from "./frame.js"
import { appendFrames, type ValueDecoder } from "./frame-decode.js"
import { JsonDecoder } from "./json-decode.js"
import type { Limits } from "./limits.js"
import { findLoneSurrogate, mayHaveLoneSurrogate } from "./surrogates.js"
import type { ToolValue } from "./values.js"
import { ProtocolViolation, show } from "./violation.js"

/** A line of JSON that was read; its attachments are still to come. */
export interface JsonLine {
  readonly text: string
  readonly fields: Fields
  /** Its binary data: bytes that follow the line, or lie in shared memory. Their sum is within the limit. */
  readonly attach: readonly Attached[]
  /** Nothing in it needs a walk: it has no tagged objects, and is too short to be too deep. */
  readonly plain: boolean
  /** Its strings may not all be valid Unicode. */
  readonly suspicious: boolean
}

export interface DecodeOptions {
  readonly limits: Limits
}

// What JSON.parse gives, where nothing is tagged, is a ToolValue already.
const plainValues: ValueDecoder = { decode: (value) => value as ToolValue }

/**
 * Decodes a frame whose attachments are at hand.
 * @param text the line without its newline.
 * @param size what `ChunkFrame.size` shall be.
 * @returns undefined for a frame that is to be ignored (PROTOCOL.md, FR-2).
 * @throws {ProtocolViolation} when it is not a valid frame, or several chunks in one: those are for a `FrameDecoder`.
 */
export function decodeFrame(
  text: string,
  attachments: readonly Uint8Array[],
  options: DecodeOptions,
  size?: number,
): Frame | undefined {
  const line = readLine(text, options.limits)
  const fits = line.attach.length === attachments.length
  if (!fits || line.attach.some((length, index) => attachments[index]?.byteLength !== length)) {
    throw new ProtocolViolation(`the line announces the attachments ${show(line.attach)}; others came`)
  }
  const frames: Frame[] = []
  decodeLine(line, attachments, options, size, frames)
  if (frames.length > 1) throw new ProtocolViolation("chunks that came together are more than one frame")
  return frames[0]
}

/**
 * Reads a line as far as needed to know which attachments follow it.
 * @throws {ProtocolViolation} when it is not a JSON object, or announces too much.
 */
export function readLine(text: string, limits: Limits): JsonLine {
  const fields = parse(text)
  const attach = announced(fields, limits)
  // Each level takes two characters at least.
  const plain = text.length <= 2 * limits.maxDepth && !text.includes('"$"')
  return { text, fields, attach, plain, suspicious: mayHaveLoneSurrogate(text) }
}

/**
 * Appends the frames of a line, once its attachments have arrived. One that is to be ignored makes none.
 * @throws {ProtocolViolation} when it is not a valid frame.
 */
export function decodeLine(
  line: JsonLine,
  attachments: readonly Uint8Array[],
  options: DecodeOptions,
  size: number | undefined,
  frames: Frame[],
): void {
  const before = frames.length
  const values = line.plain ? plainValues : new JsonDecoder(attachments, options.limits.maxDepth, line.text)
  appendFrames(line.fields, values, size, frames)
  if (!line.suspicious) return
  for (const frame of frames.splice(before)) {
    const place = findLoneSurrogate(frame)
    if (place !== undefined)
      throw new ProtocolViolation(`${place}: a string with a lone surrogate is not valid Unicode`)
    frames.push(frame)
  }
}

function parse(text: string): Fields {
  let fields: unknown
  try {
    fields = JSON.parse(text)
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    throw new ProtocolViolation(`a line is not JSON (${error.message})`)
  }
  if (map.is(fields)) return fields
  throw new ProtocolViolation(`a line is ${show(fields)}, not a JSON object`)
}
