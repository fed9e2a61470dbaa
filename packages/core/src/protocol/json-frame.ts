import { type Attached, sumOf } from "./attach.js"
import type { Fields } from "./fields.js"
import type { CallFrame, ErrorFrame, EventFrame, Frame, Meta } from "./frame.js"
import { checkSize, invalidFrame, refuseLoneSurrogates } from "./invalid-frame.js"
import { type EncodeOptions, JsonEncoder } from "./json-encode.js"
import { mayHaveLoneSurrogate, replaceLoneSurrogates } from "./surrogates.js"

export interface EncodedFrame {
  /** The JSON line, without its newline. */
  readonly text: string
  /** Raw bytes to send right after the newline, in order. Not copied. */
  readonly attachments: readonly Uint8Array[]
  /** Bytes of text (without newline) and attachments; what credit is counted by. */
  readonly size: number
}

/**
 * Encodes a frame as a line of JSON (PROTOCOL.md, section 4).
 * @throws {InvalidValue} when a value cannot be represented, or the frame is beyond a limit.
 */
export function encodeFrame(frame: Frame, options: EncodeOptions): EncodedFrame {
  const values = new JsonEncoder(options)
  const text = wellFormed(frame, frameText(frame, values))
  return {
    text,
    attachments: values.attachments,
    size: checkSize(frame, Buffer.byteLength(text), "JSON", values.attachments, options.limits),
  }
}

function frameText(frame: Frame, values: JsonEncoder): string {
  try {
    const text = openText(frame, values)
    if (values.attachments.length === 0) return `${text}}`
    return `${text}${attachText(values.attachments.map((bytes) => bytes.byteLength))}`
  } catch (error) {
    throw invalidFrame(frame, error)
  }
}

/** The same frame, with some of its attachments elsewhere than behind it. @param attach says where each of them is. */
export function rerouted({ text, attachments }: EncodedFrame, attach: readonly Attached[]): EncodedFrame {
  const before = attachText(attachments.map((bytes) => bytes.byteLength))
  const line = `${text.slice(0, -before.length)}${attachText(attach)}`
  return {
    text: line,
    attachments: attachments.filter((_, index) => typeof attach[index] === "number"),
    size: Buffer.byteLength(line) + sumOf(attach),
  }
}

/** The end of a line. */
function attachText(attach: readonly Attached[]): string {
  return `,"attach":${JSON.stringify(attach)}}`
}

/** The line without its closing brace. What is sent most is written by hand, which is twice as fast. */
function openText(frame: Frame, values: JsonEncoder): string {
  switch (frame.type) {
    case "call":
      return callText(frame, values)
    case "result":
      return `{"type":"result","id":${frame.id},"value":${json(values, frame.value, "result")}${metaText(frame.meta)}`
    case "chunk": {
      const value = json(values, frame.value, "chunk")
      const final = frame.final === undefined ? "" : `,"final":${frame.final}`
      return `{"type":"chunk","id":${frame.id},"seq":${frame.seq},"value":${value}${final}${metaText(frame.meta)}`
    }
    case "error":
      return JSON.stringify(errorFields(frame, values)).slice(0, -1)
    case "event":
      return JSON.stringify(eventFields(frame, values)).slice(0, -1)
    default:
      return JSON.stringify(frame).slice(0, -1)
  }
}

function callText(frame: CallFrame, values: JsonEncoder): string {
  const args = json(values, frame.args, "args")
  let text = `{"type":"call","id":${frame.id},"tool":${JSON.stringify(frame.tool)},"args":${args}`
  if (frame.stream !== undefined) text += `,"stream":${frame.stream}`
  if (frame.credit !== undefined) text += `,"credit":${frame.credit}`
  if (frame.session !== undefined) text += `,"session":${JSON.stringify(frame.session)}`
  // JSON has no Infinity, and no deadline means the same.
  if (frame.deadlineMs !== undefined && Number.isFinite(frame.deadlineMs))
    text += `,"deadlineMs":${frame.deadlineMs}`
  if (frame.parent !== undefined) text += `,"parent":${frame.parent}`
  return text + metaText(frame.meta)
}

function json(values: JsonEncoder, value: unknown, root: string): string {
  return JSON.stringify(values.encode(value, root))
}

function metaText(meta: Meta | undefined): string {
  return meta === undefined ? "" : `,"meta":${JSON.stringify(meta)}`
}

function errorFields(frame: ErrorFrame, values: JsonEncoder): Fields {
  const { details } = frame.error
  if (details === undefined) return { ...frame }
  return { ...frame, error: { ...frame.error, details: values.encode(details, "error.details") } }
}

function eventFields(frame: EventFrame, values: JsonEncoder): Fields {
  const measurements = values.encode(frame.measurements, "measurements")
  return { ...frame, measurements, metadata: values.encode(frame.metadata, "metadata") }
}

function wellFormed(frame: Frame, text: string): string {
  if (!mayHaveLoneSurrogate(text)) return text
  refuseLoneSurrogates(frame)
  return replaceLoneSurrogates(text)
}
