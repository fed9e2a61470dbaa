import { defaultLimits, type Frame, ProtocolViolation } from "@snakepit/core/transport"
import { MsgpackDecoder } from "../src/decoder.js"

export interface Decoded {
  readonly frames: Frame[]
  readonly fault?: string
}

/** Feeds the bytes, cut at `cuts`, and tells all that came of it. */
export function decode(bytes: Buffer, cuts: readonly number[] = [], limits = defaultLimits): Decoded {
  const decoder = new MsgpackDecoder(limits)
  const frames: Frame[] = []
  let from = 0
  try {
    for (const cut of [...cuts].sort((a, b) => a - b).concat(bytes.length)) {
      const chunk = Buffer.from(bytes.subarray(from, cut))
      decoder.feed(chunk, frames)
      // A chunk belongs to its owner again: nothing that was decoded may be a view of it.
      chunk.fill(0xff)
      from = cut
    }
    decoder.end()
    return { frames }
  } catch (error) {
    if (error instanceof ProtocolViolation) return { frames, fault: error.message }
    throw error
  }
}
