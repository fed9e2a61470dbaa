import {
  type ChannelOptions,
  channelTransport,
  type EncodeOptions,
  type Frame,
  type FrameCodec,
  type SharedLane,
  type Transport,
} from "@snakepit/core/transport"
import { MsgpackDecoder } from "./decoder.js"
import { MsgpackFrames } from "./frame-encode.js"

export type MsgpackOptions = ChannelOptions

/**
 * Frames as MessagePack on the worker's private channel, binary data without any detour. A Python worker needs the
 * package `msgpack`.
 */
export function msgpack(options: MsgpackOptions = {}): Transport {
  return channelTransport("msgpack", msgpackCodec, options)
}

function msgpackCodec(peer: EncodeOptions, lane?: SharedLane): FrameCodec {
  const frames = new MsgpackFrames(peer, lane)
  return { decoder: new MsgpackDecoder(peer.limits, lane), encode: (frame: Frame) => frames.encode(frame) }
}
