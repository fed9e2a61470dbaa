import { type ChannelOptions, channelTransport, jsonCodec, type Transport } from "@snakepit/core/transport"

export type JsonOptions = ChannelOptions

/**
 * Frames as lines of JSON on the worker's private channel, binary data as raw bytes behind them. Needs nothing
 * installed on either side.
 */
export function json(options: JsonOptions = {}): Transport {
  return channelTransport("json", jsonCodec, options)
}
