import type { Fields } from "@snakepit/core/transport"
import { Unpackr } from "msgpackr"
import { ExactReader } from "./exact-reader.js"

const none: readonly Uint8Array[] = []
const byteOrderMark = Buffer.from("\ufeff")
/** In longer text msgpackr drops a U+FEFF at its start. */
const shortText = 64

/** A definition of records by a peer would be added here, and msgpackr would compile it. */
const noStructures: object[] = []
const unpackr = new Unpackr({ useRecords: false, structures: noStructures, structuredClone: false })
Object.preventExtensions(noStructures)

/**
 * The fields of a frame, values brought back to what they were. Nothing of them is a view on `bytes`, except for what is
 * `Unread`.
 * @param bytes all of the frame's map.
 * @throws {ProtocolViolation} when they are something else.
 */
export function readFields(bytes: Buffer, maxDepth: number, attachments = none): Fields {
  return readPlain(bytes, maxDepth) ?? new ExactReader(bytes, maxDepth, attachments).frame()
}

/** Most frames need no care. @returns undefined when this one may, or is malformed. */
function readPlain(bytes: Buffer, maxDepth: number): Fields | undefined {
  if (bytes.length > shortText && bytes.includes(byteOrderMark)) return undefined
  try {
    const fields: unknown = unpackr.unpack(bytes)
    return isObject(fields) && isPlain(fields, maxDepth + 1) ? fields : undefined
  } catch {
    return undefined
  }
}

/** Whether what msgpackr read is certain to be what was written. */
function isPlain(value: unknown, levels: number): boolean {
  switch (typeof value) {
    case "string":
      return isSound(value)
    case "number":
    case "boolean":
      return true
    case "object":
      return value === null || (levels > 0 && isPlainContainer(value, levels - 1))
    default:
      return false
  }
}

function isPlainContainer(value: object, levels: number): boolean {
  if (Array.isArray(value)) {
    for (const entry of value) if (!isPlain(entry, levels)) return false
    return true
  }
  if (!isObject(value)) return false
  for (const key of Object.keys(value)) {
    // It may have been `__proto__`.
    if (key === "__proto_" || !isSound(key) || !isPlain(value[key], levels)) return false
  }
  return true
}

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype
}

/** Decoding puts U+FFFD in place of what is not UTF-8. */
function isSound(text: string): boolean {
  return !text.includes("\ufffd")
}
