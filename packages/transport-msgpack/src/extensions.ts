import { bigintFromText, dateFromIso, isDtype, ProtocolViolation, Tensor } from "@snakepit/core/transport"
import { extension } from "./tokens.js"

/** A value that is MessagePack, but of a kind that does not exist, malformed, or too deep. */
export class Unreadable extends ProtocolViolation {}

/** Where an extension type stands. */
export interface Surroundings {
  /** The raw bytes that came with the frame. */
  readonly attachments: readonly Uint8Array[]
  /** Reads another value. @throws {ProtocolViolation} */
  unpack(bytes: Buffer): unknown
}

type Extended = bigint | Date | Tensor | Uint8Array

/**
 * What an extension type means (PROTOCOL.md, MP-4).
 * @param payload a view; nothing of it is kept.
 * @throws {Unreadable} when it is unknown or malformed.
 */
export function readExtension(type: number, payload: Buffer, around: Surroundings): Extended {
  switch (type) {
    case extension.bigint:
      return bigintFromText(payload.toString("latin1")) ?? refuse("bigint", payload)
    case extension.date:
      return dateFromIso(payload.toString("latin1")) ?? refuse("date", payload)
    case extension.tensor:
      return tensor(payload, around)
    case extension.attached:
      return attached(payload, around.attachments)
    case extension.timestamp:
      return timestamp(payload) ?? refuse("timestamp", payload)
    default:
      throw new Unreadable(`unknown extension type ${type}`)
  }
}

function attached(payload: Buffer, attachments: readonly Uint8Array[]): Uint8Array {
  const bytes = payload.length === 4 ? attachments[payload.readUInt32BE()] : undefined
  return bytes ?? refuse("place of an attachment", payload)
}

function tensor(payload: Buffer, around: Surroundings): Tensor {
  try {
    const parts = around.unpack(payload)
    const [dtype, shape, bytes, ...more] = Array.isArray(parts) ? parts : []
    if (isDtype(dtype) && Array.isArray(shape) && bytes instanceof Uint8Array && more.length === 0)
      return Tensor.fromBytes(dtype, shape, bytes)
  } catch (error) {
    if (!(error instanceof RangeError || error instanceof ProtocolViolation)) throw error
    throw new Unreadable(`malformed tensor: ${error.message}`)
  }
  return refuse("tensor", payload)
}

/** Seconds since 1970 in 32, 34 or 64 bits; the longer ones with nanoseconds. */
function timestamp(payload: Buffer): Date | undefined {
  switch (payload.length) {
    case 4:
      return instant(payload.readUInt32BE(), 0)
    case 8:
      return instant(
        (payload.readUInt32BE() % 4) * 2 ** 32 + payload.readUInt32BE(4),
        payload.readUInt32BE() >>> 2,
      )
    case 12:
      return instant(Number(payload.readBigInt64BE(4)), payload.readUInt32BE())
    default:
      return undefined
  }
}

function instant(seconds: number, nanoseconds: number): Date | undefined {
  const date = new Date(seconds * 1000)
  if (Number.isNaN(date.getTime()) || nanoseconds > 999_999_999) return undefined
  const fraction = `.${String(nanoseconds).padStart(9, "0")}`.replace(/(000)+$/, "")
  return dateFromIso(`${date.toISOString().slice(0, -5)}${fraction === "." ? "" : fraction}Z`)
}

function refuse(what: string, payload: Buffer): never {
  throw new Unreadable(`malformed ${what}: the bytes ${payload.toString("hex", 0, 20)}`)
}
