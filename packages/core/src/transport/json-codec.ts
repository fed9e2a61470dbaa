import type { EncodeOptions } from "../protocol/json-encode.js"
import { encodeFrame } from "../protocol/json-frame.js"
import type { FrameCodec } from "./codec.js"
import { JsonLineDecoder } from "./json-line-decoder.js"

/** Lines of JSON with raw attachments (PROTOCOL.md, section 4), for any stream of bytes. */
export function jsonCodec(options: EncodeOptions): FrameCodec {
  return {
    decoder: new JsonLineDecoder(options.limits),
    encode(frame) {
      const { text, attachments, size } = encodeFrame(frame, options)
      return { head: `${text}\n`, attachments, size }
    },
  }
}
