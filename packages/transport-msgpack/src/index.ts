import {
  type ByteChannelOptions,
  channelTransport,
  type EncodeOptions,
  type Frame,
  type FrameCodec,
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
  return channelTransport("msgpack", msgpackCodec, options)
}

function msgpackCodec(peer: EncodeOptions): FrameCodec {
  const frames = new MsgpackFrames(peer)
  return { decoder: new MsgpackDecoder(peer.limits), encode: (frame: Frame) => frames.encode(frame) }
}
