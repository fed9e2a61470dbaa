import {
  type Check,
  count,
  type Fields,
  finite,
  flag,
  id,
  integer,
  list,
  map,
  oneOf,
  optional,
  present,
  required,
  strings,
  text,
} from "./fields.js"
import {
  type CallFrame,
  type CancelFrame,
  type ChunkFrame,
  type EventFrame,
  errorCodes,
  type Frame,
  type LogFrame,
  type ResultFrame,
  type SegmentFrame,
  type WireError,
} from "./frame.js"
import type { ToolValue } from "./values.js"
import { ProtocolViolation, show } from "./violation.js"

/** Turns encoded values into what they were; its messages start with `root`. */
export interface ValueDecoder {
  decode(value: unknown, root: string): ToolValue
  /**
   * The frame's field `value` as it was encoded. Without this, or where it gives `undefined`, a chunk's value that
   * cannot be decoded is a violation like any other.
   */
  encoded?(): Uint8Array | undefined
}

const level = oneOf(["debug", "info", "warn", "error"])

/**
 * The frame that these fields make (PROTOCOL.md, FR-2 and FR-3), whatever the encoding they were read from.
 * @param size what `ChunkFrame.size` shall be.
 * @returns undefined for a frame to be ignored.
 * @throws {ProtocolViolation} on an unknown type and on missing or wrong fields.
 */
export function frameFromFields(fields: Fields, values: ValueDecoder, size?: number): Frame | undefined {
  switch (fields.type) {
    case "call":
      return call(fields, values)
    case "result":
      return result(fields, values)
    case "chunk":
      return chunk(fields, values, size)
    case "error":
      return { type: "error", id: required("error", fields, "id", id), error: wireError(fields, values) }
    case "cancel":
      return cancel(fields)
    case "credit":
      return {
        type: "credit",
        id: required("credit", fields, "id", id),
        n: required("credit", fields, "n", count),
      }
    case "ping":
    case "pong":
      return { type: fields.type, nonce: required(fields.type, fields, "nonce", integer) }
    case "log":
      return log(fields)
    case "event":
      return event(fields, values)
    case "drain":
      return { type: "drain", graceMs: required("drain", fields, "graceMs", finite) }
    case "segment":
      return segment(fields)
    case "release":
    case "forget":
      return { type: fields.type, segment: required(fields.type, fields, "segment", count) }
    default:
      return ignored(required("frame", fields, "type", text))
  }
}

/** The same, appended to `frames`; also the chunks of a stream that left together (PROTOCOL.md, ST-6). */
export function appendFrames(
  fields: Fields,
  values: ValueDecoder,
  size: number | undefined,
  frames: Frame[],
): void {
  if (fields.type === "chunks") return appendChunks(fields, values, size, frames)
  const frame = frameFromFields(fields, values, size)
  if (frame !== undefined) frames.push(frame)
}

function appendChunks(fields: Fields, values: ValueDecoder, size: number | undefined, frames: Frame[]): void {
  const call = required("chunks", fields, "id", id)
  const together = required("chunks", fields, "values", list)
  const share = size === undefined ? undefined : size / together.length
  let seq = required("chunks", fields, "seq", count)
  for (const value of together) {
    frames.push({ type: "chunk", id: call, seq, value: values.decode(value, "chunk"), size: share })
    seq += 1
  }
}

function ignored(type: string): undefined {
  if (!type.startsWith("x-")) throw new ProtocolViolation(`unknown frame type ${show(type)}`)
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

function call(fields: Fields, values: ValueDecoder): CallFrame {
  const args = values.decode(required("call", fields, "args", present), "args")
  const frame: Mutable<CallFrame> = {
    type: "call",
    id: required("call", fields, "id", id),
    tool: required("call", fields, "tool", text),
    args: required("call", { args }, "args", map),
  }
  take("call", fields, frame, "stream", flag)
  take("call", fields, frame, "credit", count)
  take("call", fields, frame, "session", text)
  take("call", fields, frame, "deadlineMs", finite)
  take("call", fields, frame, "parent", id)
  take("call", fields, frame, "meta", strings)
  return frame
}

function result(fields: Fields, values: ValueDecoder): ResultFrame {
  const frame: Mutable<ResultFrame> = {
    type: "result",
    id: required("result", fields, "id", id),
    value: values.decode(required("result", fields, "value", present), "result"),
  }
  take("result", fields, frame, "meta", strings)
  return frame
}

function chunk(fields: Fields, values: ValueDecoder, size: number | undefined): ChunkFrame {
  const frame: Mutable<ChunkFrame> = {
    type: "chunk",
    id: required("chunk", fields, "id", id),
    seq: required("chunk", fields, "seq", count),
    value: chunkValue(required("chunk", fields, "value", present), values),
  }
  take("chunk", fields, frame, "final", flag)
  take("chunk", fields, frame, "meta", strings)
  if (size !== undefined) frame.size = size
  return frame
}

/** A stream goes on after a value that cannot be decoded: what came is handed on as it is (PROTOCOL.md, JS-6). */
function chunkValue(value: unknown, values: ValueDecoder): ToolValue {
  try {
    return values.decode(value, "chunk")
  } catch (error) {
    const bytes = error instanceof ProtocolViolation ? values.encoded?.() : undefined
    if (bytes === undefined) throw error
    return { raw_data_base64: Buffer.from(bytes).toString("base64") }
  }
}

/** The `error` field of an error frame or of an error hello. A code from a later version is `internal` (ER-2). */
export function wireError(fields: Fields, values: ValueDecoder): WireError {
  const source = required("error", fields, "error", map)
  const code = required("error", source, "code", text)
  const error: Mutable<WireError> = {
    code: errorCodes.find((known) => known === code) ?? "internal",
    type: required("error", source, "type", text),
    message: required("error", source, "message", text),
  }
  take("error", source, error, "traceback", text)
  take("error", source, error, "retryable", flag)
  const { details } = source
  if (details === undefined || details === null) return error
  return { ...error, details: values.decode(details, "error.details") }
}

function cancel(fields: Fields): CancelFrame {
  const frame: Mutable<CancelFrame> = { type: "cancel", id: required("cancel", fields, "id", id) }
  take("cancel", fields, frame, "reason", text)
  take("cancel", fields, frame, "recall", flag)
  return frame
}

function log(fields: Fields): LogFrame {
  const frame: Mutable<LogFrame> = {
    type: "log",
    level: required("log", fields, "level", level),
    message: required("log", fields, "message", text),
  }
  take("log", fields, frame, "logger", text)
  take("log", fields, frame, "call", id)
  return frame
}

const numbers: Check<{ readonly [name: string]: number }> = {
  is: (value): value is { readonly [name: string]: number } =>
    map.is(value) && Object.values(value).every((entry) => typeof entry === "number"),
  expected: "a map of numbers",
}

function event(fields: Fields, values: ValueDecoder): EventFrame {
  const measurements = values.decode(required("event", fields, "measurements", present), "measurements")
  const metadata = values.decode(required("event", fields, "metadata", present), "metadata")
  return {
    type: "event",
    name: required("event", fields, "name", text),
    measurements: required("event", { measurements }, "measurements", numbers),
    metadata: required("event", { metadata }, "metadata", map),
  }
}

function segment(fields: Fields): SegmentFrame {
  return {
    type: "segment",
    segment: required("segment", fields, "segment", id),
    fd: required("segment", fields, "fd", count),
    capacity: required("segment", fields, "capacity", id),
  }
}

/** Copies an optional field, if it is there. */
function take<F, K extends keyof F & string>(
  owner: string,
  fields: Fields,
  frame: F,
  name: K,
  check: Check<F[K] & {}>,
): void {
  const value = optional(owner, fields, name, check)
  if (value !== undefined) frame[name] = value
}
