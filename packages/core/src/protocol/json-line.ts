import { type Attached, announced } from "./attach.js"
import { type Fields, map } from "./fields.js"
import type { Frame } from "./frame.js"
import { frameFromFields, type ValueDecoder } from "./frame-decode.js"
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
 * @throws {ProtocolViolation} when it is not a valid frame.
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
    throw new ProtocolViolation(
      `the line announces the attachments ${show(line.attach)}; others came`,
    )
  }
  return decodeLine(line, attachments, options, size)
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
 * The frame of a line, once its attachments have arrived.
 * @returns undefined for a frame that is to be ignored.
 * @throws {ProtocolViolation} when it is not a valid frame.
 */
export function decodeLine(
  line: JsonLine,
  attachments: readonly Uint8Array[],
  options: DecodeOptions,
  size?: number,
): Frame | undefined {
  const values = line.plain ? plainValues : new JsonDecoder(attachments, options.limits.maxDepth, line.text)
  const frame = frameFromFields(line.fields, values, size)
  const place = line.suspicious && frame !== undefined ? findLoneSurrogate(frame) : undefined
  if (place === undefined) return frame
  throw new ProtocolViolation(`${place}: a string with a lone surrogate is not valid Unicode`)
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
