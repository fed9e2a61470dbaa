import type { Duplex } from "node:stream"
import { ByteChannel, type ByteChannelOptions, type FrameCodec } from "@snakepit/core/transport"
import type { StartedCalls } from "./started-calls.js"

/** A channel to a worker that starts calls while earlier answers are still on their way. */
export class GrpcChannel extends ByteChannel {
  readonly #started: StartedCalls

  constructor(stream: Duplex, codec: FrameCodec, started: StartedCalls, options: ByteChannelOptions) {
    super(stream, codec, options)
    this.#started = started
  }

  get startedUpTo(): number {
    return this.#started.newest
  }
}
