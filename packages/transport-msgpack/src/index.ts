import {
  ByteChannel,
  type ByteChannelOptions,
  type Frame,
  ProtocolViolation,
  type Transport,
} from "@snakepit/core/transport"
import { MsgpackDecoder } from "./decoder.js"
import { MsgpackFrames } from "./frame-encode.js"

export type MsgpackOptions = ByteChannelOptions

/**
 * Frames as MessagePack on the worker's private channel, binary data without any detour. A Python worker needs the
 * package `msgpack`.
 */
export function msgpack(options: MsgpackOptions = {}): Transport {
  return {
    name: "msgpack",
    async open({ stream, hello, limits, signal }) {
      signal.throwIfAborted()
      if (hello.address !== null) {
        throw new ProtocolViolation(
          `msgpack runs on the worker's own channel, but the worker named ${hello.address}`,
        )
      }
      const frames = new MsgpackFrames({ limits, attachments: hello.features.has("attachments") })
      const codec = { decoder: new MsgpackDecoder(limits), encode: (frame: Frame) => frames.encode(frame) }
      return new ByteChannel(stream, codec, options)
    },
  }
}
