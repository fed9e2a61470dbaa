import type { EncodeOptions } from "../protocol/json-encode.js"
import { ProtocolViolation } from "../protocol/violation.js"
import { ByteChannel } from "./byte-channel.js"
import type { FrameCodec } from "./codec.js"
import type { SharedLane } from "./shared/lane.js"
import type { SharedMemory } from "./shared/shared-memory.js"
import type { Transport } from "./transport.js"

export interface ChannelOptions {
  /** Bytes that may be queued for a worker before the channel says that it is full. Default 1 MiB. */
  readonly highWaterMark?: number | undefined
  /** What binary data of 1 MiB or more travels in, where worker and system can. Default: the channel. */
  readonly sharedMemory?: SharedMemory | undefined
}

/**
 * A transport on the worker's private channel.
 * @param codec makes the codec of one connection.
 */
export function channelTransport(
  name: string,
  codec: (peer: EncodeOptions, lane?: SharedLane) => FrameCodec,
  { highWaterMark, sharedMemory }: ChannelOptions = {},
): Transport {
  return {
    name,
    sharedMemory,
    environment: () => (sharedMemory === undefined ? {} : { SNAKEPIT_SHARED_MEMORY: "1" }),
    readsJournal: true,
    async open({ stream, hello, limits, signal, journal, lane }) {
      signal.throwIfAborted()
      if (hello.address !== null) {
        throw new ProtocolViolation(
          `${name} runs on the worker's own channel, but the worker named ${hello.address}`,
        )
      }
      const peer = { limits, attachments: hello.features.has("attachments") }
      return new ByteChannel(stream, codec(peer, lane), { highWaterMark, journal, lane })
    },
  }
}
