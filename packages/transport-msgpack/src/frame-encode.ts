import {
  checkSize,
  type EncodedBytes,
  type EncodeOptions,
  type Frame,
  type InSegment,
  invalidFrame,
  refuseLoneSurrogates,
  type SharedLane,
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
  readonly #lane: SharedLane | undefined

  /** @param lane where large attachments travel in place of the stream. */
  constructor({ limits, attachments }: EncodeOptions, lane?: SharedLane) {
    const maxFrameBytes = Math.min(limits.maxFrameBytes, longest)
    this.#options = { limits: { ...limits, maxFrameBytes }, attachments }
    this.#lane = lane
  }

  /** @throws {InvalidValue} when a value cannot be represented, or the frame is beyond a limit. */
  encode(frame: Frame): EncodedBytes {
    const values = new MsgpackEncoder(this.#options.limits.maxDepth, this.#options.attachments)
    const fields = orInvalid(frame, () => fieldsOf(frame, values))
    const { attachments } = values
    if (attachments.length === 0) return this.#write(frame, fields, values)
    const lengths = attachments.map(({ byteLength }) => byteLength)
    const attach = this.#lane?.place(attachments) ?? lengths
    fields.attach = attach.map((entry) => (typeof entry === "number" ? fitNumber(entry) : fitEntry(entry)))
    try {
      const behind = attachments.filter((_, index) => typeof attach[index] === "number")
      return { ...this.#write(frame, fields, values), attachments: behind }
    } catch (error) {
      this.#lane?.withdraw(attach)
      throw error
    }
  }

  #write(frame: Frame, fields: Fields, { attachments, maimed }: MsgpackEncoder): EncodedBytes {
    const head = orInvalid(frame, () => pack(fields, lengthBytes))
    if (maimed) refuseLoneSurrogates(frame)
    const length = head.length - lengthBytes
    const size = checkSize(frame, length, "MessagePack", attachments, this.#options.limits)
    head.writeUInt32BE(length)
    return { head, attachments, size }
  }
}

function orInvalid<T>(frame: Frame, encode: () => T): T {
  try {
    return encode()
  } catch (error) {
    throw invalidFrame(frame, error)
  }
}

const fitEntry = ({ bytes, segment }: InSegment): Fields => ({
  bytes: fitNumber(bytes),
  segment: fitNumber(segment),
})

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
