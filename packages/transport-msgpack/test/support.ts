import type { Duplex } from "node:stream"
import {
  type CloseReason,
  defaultLimits,
  type Frame,
  type FrameChannel,
  type Hello,
} from "@snakepit/core/transport"
import { msgpack } from "../src/index.js"

export const hello: Hello = {
  transport: "msgpack",
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
  return msgpack().open(io)
}

export function closed(channel: FrameChannel): Promise<CloseReason> {
  return new Promise((resolve) => channel.onClosed(resolve))
}

export const pong = (nonce: number): Frame => ({ type: "pong", nonce })
