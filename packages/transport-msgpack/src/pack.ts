import { Packr, RESERVE_START_SPACE } from "msgpackr"

/** Longer messages leave msgpackr with memory that is better given back. */
const longMessage = 64 * 1024
const usualMemory = 8 * 1024

const packr = new Packr({ useRecords: false, variableMapSize: true, useToJSON: false })

/**
 * @param reserved bytes to leave free before the message.
 * @returns the message with what was reserved; its memory is the caller's.
 * @throws {Error} on what MessagePack has no form for.
 */
export function pack(value: unknown, reserved = 0): Buffer {
  const message = packr.pack(value, RESERVE_START_SPACE | reserved)
  // Later, because a getter among values may pack something while they are packed.
  if (message.length > longMessage) setImmediate(() => packr.useBuffer(Buffer.allocUnsafeSlow(usualMemory)))
  return message
}
