import { ProtocolViolation, type Transport } from "@snakepit/core/transport"
import { JsonChannel } from "./channel.js"

export interface JsonOptions {
  /** Bytes that may be queued before `FrameChannel.writable` turns false. Default 1 MiB. */
  readonly highWaterMark?: number
}

/**
 * Frames as lines of JSON on the worker's private channel, binary data as raw bytes behind them. Needs nothing
 * installed on either side.
 */
export function json(options: JsonOptions = {}): Transport {
  const highWaterMark = options.highWaterMark ?? 1024 * 1024
  return {
    name: "json",
    async open({ stream, hello, limits, signal }) {
      signal.throwIfAborted()
      if (hello.address !== null) {
        throw new ProtocolViolation(
          `json runs on the worker's own channel, but the worker named ${hello.address}`,
        )
      }
      return new JsonChannel(stream, {
        limits,
        attachments: hello.features.has("attachments"),
        highWaterMark,
      })
    },
  }
}
