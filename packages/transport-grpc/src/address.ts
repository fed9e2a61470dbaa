import { connect, type Socket } from "node:net"
import { ProtocolViolation } from "@snakepit/core/transport"

/** Where a worker serves, as its hello writes it. */
export interface Address {
  readonly text: string
  /** Connects to it. The socket does not keep this process alive. */
  connect(): Socket
}

/**
 * Reads `unix:PATH` or `tcp:HOST:PORT`.
 * @throws {ProtocolViolation} when it is neither.
 */
export function parseAddress(text: string): Address {
  const [, path] = /^unix:(.+)$/s.exec(text) ?? []
  if (path !== undefined) return { text, connect: () => connect({ path }).unref() }
  const [, host, port] = /^tcp:(.+):(\d{1,5})$/.exec(text) ?? []
  if (host !== undefined && Number(port) > 0 && Number(port) < 65536)
    return { text, connect: () => connect({ host, port: Number(port), noDelay: true }).unref() }
  throw new ProtocolViolation(`a gRPC address is unix:PATH or tcp:HOST:PORT, but the worker named ${text}`)
}
