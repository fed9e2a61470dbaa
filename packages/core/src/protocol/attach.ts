import { count, type Fields, id, map, required } from "./fields.js"
import type { Limits } from "./limits.js"
import { ProtocolViolation, show } from "./violation.js"

/** Binary data that lies in a segment of shared memory (PROTOCOL.md, SM-5). */
export interface InSegment {
  readonly bytes: number
  readonly segment: number
}

/** Where binary data of a frame is: as many bytes behind it, or in a segment. */
export type Attached = number | InSegment

const none: readonly Attached[] = []

/**
 * What a frame announces about its binary data.
 * @throws {ProtocolViolation} when that is malformed, or the sum of its bytes beyond the limit.
 */
export function announced({ attach }: Fields, limits: Limits): readonly Attached[] {
  if (attach === undefined) return none
  if (!Array.isArray(attach)) throw malformed(attach)
  const entries = attach.every(count.is) ? attach : attach.map(attachedOf)
  const sum = sumOf(entries)
  if (sum <= limits.maxAttachmentBytes) return entries
  throw new ProtocolViolation(
    `attachments of ${sum} bytes; maxAttachmentBytes is ${limits.maxAttachmentBytes}`,
  )
}

export function bytesOf(entry: Attached): number {
  return typeof entry === "number" ? entry : entry.bytes
}

export function sumOf(entries: readonly Attached[]): number {
  let sum = 0
  for (const entry of entries) sum += bytesOf(entry)
  return sum
}

function attachedOf(entry: unknown): Attached {
  if (count.is(entry)) return entry
  if (!map.is(entry)) throw malformed(entry)
  return {
    bytes: required("attach", entry, "bytes", count),
    segment: required("attach", entry, "segment", id),
  }
}

function malformed(attach: unknown): ProtocolViolation {
  return new ProtocolViolation(`attach must be an array of lengths; it is ${show(attach)}`)
}
