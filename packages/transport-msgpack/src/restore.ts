import {
  bigintFromText,
  dateFromIso,
  isDtype,
  ProtocolViolation,
  Tensor,
  unpackNumbers,
} from "@snakepit/core/transport"
import { Extension, exactTimestamp, extensionTypes } from "./extensions.js"
import { readTimestamp } from "./timestamp.js"

/** A value that is MessagePack, but of a kind that does not exist, malformed, or too deep. */
export class Unreadable extends ProtocolViolation {}

/** Where a value stands. */
export interface Surroundings {
  /** The raw bytes that came with the frame. */
  readonly attachments: readonly Uint8Array[]
  /** Where bytes begin, as a `byteOffset`, that are text. */
  readonly texts: ReadonlySet<number>
  /** Attachments that became lists. */
  readonly unpacked: Set<Uint8Array>
  /** The array inside of an extension type; what is no array has no parts. @throws {ProtocolViolation} */
  parts(bytes: Buffer): readonly unknown[]
}

/**
 * Brings what msgpackr read back to what it was. Nothing of it is a view on what was read.
 * @param levels how deep it may nest.
 * @throws {Unreadable}
 */
export function restore(value: unknown, levels: number, around: Surroundings): unknown {
  if (typeof value === "bigint") {
    const number = Number(value)
    return Number.isSafeInteger(number) ? number : value
  }
  if (typeof value !== "object" || value === null) return value
  if (value instanceof Uint8Array) return bytesOrText(value, around)
  if (value instanceof Extension) return extended(value, levels, around)
  if (levels <= 0) throw new Unreadable("nests too deep")
  if (Array.isArray(value)) return value.map((entry) => restore(entry, levels - 1, around))
  if (value instanceof Map) return object(value, levels - 1, around)
  throw new ProtocolViolation(
    "another user of msgpackr in this process has taken an extension type of Snakepit's",
  )
}

function bytesOrText(bytes: Uint8Array, { texts }: Surroundings): Uint8Array | string {
  return texts.has(bytes.byteOffset) ? Buffer.from(bytes).toString() : new Uint8Array(bytes)
}

function object(map: ReadonlyMap<unknown, unknown>, levels: number, around: Surroundings): object {
  const entries = [...map].map(([key, entry]): [string, unknown] => {
    const name = restore(key, 0, around)
    if (typeof name !== "string") throw new ProtocolViolation("a key is not a string")
    return [name, restore(entry, levels, around)]
  })
  // It makes every key, `__proto__` too, an entry like any other.
  return Object.fromEntries(entries)
}

function extended({ type, bytes }: Extension, levels: number, around: Surroundings): unknown {
  switch (type) {
    case extensionTypes.bigint:
      return bigintFromText(bytes.toString("latin1")) ?? refuse("bigint", bytes)
    case extensionTypes.date:
      return dateFromIso(bytes.toString("latin1")) ?? refuse("date", bytes)
    case extensionTypes.tensor:
      return composed("tensor", bytes, around, tensorOf)
    case extensionTypes.list:
      if (levels <= 0) throw new Unreadable("nests too deep")
      return composed("list", bytes, around, (parts) => listOf(parts, around))
    case extensionTypes.attached:
      return attached(bytes, around.attachments)
    case extensionTypes.float:
      return bytes.length === 8 ? bytes.readDoubleBE() : refuse("float", bytes)
    case exactTimestamp:
      return readTimestamp(bytes) ?? refuse("timestamp", bytes)
    default:
      return refuse("extension", bytes)
  }
}

function attached(bytes: Buffer, attachments: readonly Uint8Array[]): Uint8Array {
  const attachment = bytes.length === 4 ? attachments[bytes.readUInt32BE()] : undefined
  return attachment ?? refuse("place of an attachment", bytes)
}

/** What `make` makes of the parts that an extension type has. */
function composed<T>(
  what: string,
  bytes: Buffer,
  around: Surroundings,
  make: (parts: readonly unknown[]) => T | undefined,
): T {
  try {
    const made = make(around.parts(bytes))
    if (made !== undefined) return made
  } catch (error) {
    if (!(error instanceof RangeError || error instanceof ProtocolViolation)) throw error
    throw new Unreadable(`malformed ${what}: ${error.message}`)
  }
  return refuse(what, bytes)
}

function tensorOf([dtype, shape, data, ...more]: readonly unknown[]): Tensor | undefined {
  const fits = isDtype(dtype) && Array.isArray(shape) && data instanceof Uint8Array && more.length === 0
  return fits ? Tensor.fromBytes(dtype, shape, data) : undefined
}

function listOf(
  [dtype, data, ...more]: readonly unknown[],
  { unpacked }: Surroundings,
): number[] | undefined {
  if (!(data instanceof Uint8Array) || more.length > 0) return undefined
  // A list takes memory of its own, which must not exceed what was sent.
  if (unpacked.has(data)) throw new ProtocolViolation("its attachment is a list already")
  unpacked.add(data)
  return unpackNumbers(dtype, data)
}

function refuse(what: string, bytes: Buffer): never {
  throw new Unreadable(`malformed ${what}: the bytes ${bytes.toString("hex", 0, 20)}`)
}
