import type { EncodeOptions } from "../protocol/json-encode.js"
import { type EncodedFrame, encodeFrame, rerouted } from "../protocol/json-frame.js"
import type { FrameCodec } from "./codec.js"
import { JsonLineDecoder } from "./json-line-decoder.js"
import type { SharedLane } from "./shared/lane.js"

/**
 * Lines of JSON with raw attachments (PROTOCOL.md, section 4), for any stream of bytes.
 * @param lane where large attachments travel in place of the stream.
 */
export function jsonCodec(options: EncodeOptions, lane?: SharedLane): FrameCodec {
  return {
    decoder: new JsonLineDecoder(options.limits, lane),
    encode(frame) {
      const encoded = encodeFrame(frame, options)
      const beside = lane !== undefined && encoded.attachments.length > 0
      const { text, attachments, size } = beside ? sidelined(encoded, options, lane) : encoded
      return { head: `${text}\n`, attachments, size }
    },
  }
}

function sidelined(encoded: EncodedFrame, { limits }: EncodeOptions, lane: SharedLane): EncodedFrame {
  const attach = lane.place(encoded.attachments)
  if (attach === undefined) return encoded
  const placed = rerouted(encoded, attach)
  if (Buffer.byteLength(placed.text) <= limits.maxFrameBytes) return placed
  lane.withdraw(attach)
  return encoded
}
