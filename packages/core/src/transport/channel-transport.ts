import type { EncodeOptions } from "../protocol/json-encode.js"
import { ProtocolViolation } from "../protocol/violation.js"
import { ByteChannel, type ByteChannelOptions } from "./byte-channel.js"
import type { FrameCodec } from "./codec.js"
import type { Transport } from "./transport.js"

/**
 * A transport on the worker's private channel.
 * @param codec makes the codec of one connection.
 */
export function channelTransport(
  name: string,
  codec: (peer: EncodeOptions) => FrameCodec,
  options: ByteChannelOptions = {},
): Transport {
  return {
    name,
    readsJournal: true,
    async open({ stream, hello, limits, signal, journal }) {
      signal.throwIfAborted()
      if (hello.address !== null) {
        throw new ProtocolViolation(
          `${name} runs on the worker's own channel, but the worker named ${hello.address}`,
        )
      }
      const peer = { limits, attachments: hello.features.has("attachments") }
      return new ByteChannel(stream, codec(peer), { ...options, journal })
    },
  }
}
