import type { Duplex } from "node:stream"
import { ByteChannel, type ByteChannelOptions, type FrameCodec } from "@snakepit/core/transport"
import type { Ledger } from "./ledger.js"

/** A channel to a worker that starts calls while earlier answers are still on their way. */
export class GrpcChannel extends ByteChannel {
  readonly #ledger: Ledger

  constructor(stream: Duplex, codec: FrameCodec, ledger: Ledger, options: ByteChannelOptions) {
    super(stream, codec, options)
    this.#ledger = ledger
  }

  get startedUpTo(): number {
    return this.#ledger.newest
  }
}
