import { jsonCodec, type Transport } from "@snakepit/core/transport"
import { GrpcChannel } from "./channel.js"
import { openRpc } from "./open.js"
import { type GrpcOptions, settingsOf } from "./options.js"
import { RpcStream } from "./rpc-stream.js"

export type { GrpcOptions, Keepalive } from "./options.js"

/**
 * Frames over gRPC: one stream for each worker, which is the server. A Python worker needs the packages `grpcio`
 * and `protobuf`.
 *
 * @throws {RangeError} when an option cannot be used.
 */
export function grpc(options: GrpcOptions = {}): Transport {
  const settings = settingsOf(options)
  return {
    name: "grpc",
    environment: () => ({ SNAKEPIT_GRPC: settings.forWorker }),
    async open(io) {
      const rpc = await openRpc(io, settings)
      const codec = jsonCodec({ limits: io.limits, attachments: io.hello.features.has("attachments") })
      return new GrpcChannel(new RpcStream(rpc), codec, rpc.ledger, options)
    },
  }
}
