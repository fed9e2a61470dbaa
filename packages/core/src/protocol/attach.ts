import { count, type Fields } from "./fields.js"
import type { Limits } from "./limits.js"
import { ProtocolViolation, show } from "./violation.js"

const none: readonly number[] = []

/**
 * Bytes of each attachment that a frame announces.
 * @throws {ProtocolViolation} when that is malformed, or their sum beyond the limit.
 */
export function announcedBytes({ attach }: Fields, limits: Limits): readonly number[] {
  if (attach === undefined) return none
  if (!Array.isArray(attach) || !attach.every(count.is)) {
    throw new ProtocolViolation(`attach must be an array of lengths; it is ${show(attach)}`)
  }
  let sum = 0
  for (const length of attach) sum += length
  if (sum <= limits.maxAttachmentBytes) return attach
  throw new ProtocolViolation(
    `attachments of ${sum} bytes; maxAttachmentBytes is ${limits.maxAttachmentBytes}`,
  )
}
