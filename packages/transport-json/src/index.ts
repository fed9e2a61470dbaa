import {
  ByteChannel,
  type ByteChannelOptions,
  jsonCodec,
  ProtocolViolation,
  type Transport,
} from "@snakepit/core/transport"

export type JsonOptions = ByteChannelOptions

/**
 * Frames as lines of JSON on the worker's private channel, binary data as raw bytes behind them. Needs nothing
 * installed on either side.
 */
export function json(options: JsonOptions = {}): Transport {
  return {
    name: "json",
    async open({ stream, hello, limits, signal }) {
      signal.throwIfAborted()
      if (hello.address !== null) {
        throw new ProtocolViolation(
          `json runs on the worker's own channel, but the worker named ${hello.address}`,
        )
      }
      const codec = jsonCodec({ limits, attachments: hello.features.has("attachments") })
      return new ByteChannel(stream, codec, options)
    },
  }
}
