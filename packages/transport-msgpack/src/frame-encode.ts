import {
  checkSize,
  type EncodedBytes,
  type EncodeOptions,
  type Frame,
  invalidFrame,
  refuseLoneSurrogates,
} from "@snakepit/core/transport"
import { fitNumber, MsgpackEncoder } from "./encoder.js"
import { pack } from "./pack.js"

/** Bytes of what says how long a frame is. */
export const lengthBytes = 4

/** The longest frame that four bytes can tell. */
const longest = 2 ** 32 - 1

/** Frames as MessagePack (PROTOCOL.md, section 5). */
export class MsgpackFrames {
  readonly #options: EncodeOptions

  constructor({ limits, attachments }: EncodeOptions) {
    const maxFrameBytes = Math.min(limits.maxFrameBytes, longest)
    this.#options = { limits: { ...limits, maxFrameBytes }, attachments }
  }

  /** @throws {InvalidValue} when a value cannot be represented, or the frame is beyond a limit. */
  encode(frame: Frame): EncodedBytes {
    const { limits, attachments } = this.#options
    const values = new MsgpackEncoder(limits.maxDepth, attachments)
    const head = headOf(frame, values)
    if (values.maimed) refuseLoneSurrogates(frame)
    const length = head.length - lengthBytes
    const size = checkSize(frame, length, "MessagePack", values.attachments, limits)
    head.writeUInt32BE(length)
    return { head, attachments: values.attachments, size }
  }
}

function headOf(frame: Frame, values: MsgpackEncoder): Buffer {
  try {
    return pack(fieldsOf(frame, values), lengthBytes)
  } catch (error) {
    throw invalidFrame(frame, error)
  }
}

type Fields = { [name: string]: unknown }

/** The frame as a map that can be written. */
function fieldsOf(frame: Frame, values: MsgpackEncoder): Fields {
  const fields: Fields = {}
  for (const [name, value] of Object.entries(frame)) {
    // A value that is undefined is one: a function that returns nothing.
    if (value !== undefined || name === "value") fields[name] = field(frame, name, value, values)
  }
  // MessagePack has Infinity, but no deadline means the same.
  if (frame.type === "call" && !Number.isFinite(frame.deadlineMs)) delete fields.deadlineMs
  if (frame.type === "chunk") delete fields.size
  if (values.attachments.length > 0)
    fields.attach = values.attachments.map((bytes) => fitNumber(bytes.byteLength))
  return fields
}

function field(frame: Frame, name: string, value: unknown, values: MsgpackEncoder): unknown {
  if (frame.type === "error" && name === "error") return error(Object.entries(frame.error), values)
  if (name === "value") return values.encode(value, frame.type)
  return typeof value === "number" ? fitNumber(value) : values.encode(value, name)
}

/** Details are a value like any other: what is around them does not count as a level. */
function error(entries: readonly [string, unknown][], values: MsgpackEncoder): Fields {
  const present = entries.filter(([, value]) => value !== undefined)
  return Object.fromEntries(present.map(([name, value]) => [name, values.encode(value, `error.${name}`)]))
}
