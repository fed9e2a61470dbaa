import type { Duplex } from "node:stream"
import {
  type ByteChannelOptions,
  type CloseReason,
  channelTransport,
  defaultLimits,
  type Frame,
  type FrameChannel,
  type Hello,
  jsonCodec,
} from "../../src/transport/index.js"

/** The smallest transport on a private channel. */
export const json = (options?: ByteChannelOptions) => channelTransport("json", jsonCodec, options)

export const hello: Hello = {
  transport: "json",
  address: null,
  token: null,
  pid: null,
  runtime: null,
  bridge: null,
  features: new Set(["attachments"]),
  concurrency: 1,
  tools: null,
  skipped: [],
}

export function open(
  stream: Duplex,
  features: readonly string[] = ["attachments"],
  limits = defaultLimits,
): Promise<FrameChannel> {
  const io = {
    stream,
    hello: { ...hello, features: new Set(features) },
    limits,
    signal: new AbortController().signal,
  }
  return json().open(io)
}

export function closed(channel: FrameChannel): Promise<CloseReason> {
  return new Promise((resolve) => channel.onClosed(resolve))
}

export const pong = (nonce: number): Frame => ({ type: "pong", nonce })
