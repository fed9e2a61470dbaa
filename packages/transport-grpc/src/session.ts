import type { Transport } from "@connectrpc/connect"
import { createGrpcTransport, Http2SessionManager } from "@connectrpc/connect-node"
import type { Address } from "./address.js"
import type { Settings } from "./options.js"

/** How much may be on its way to this process; small windows make large values slow. */
const windowBytes = 16 * 1024 * 1024
/** Nobody resolves it: the socket is connected elsewhere. */
const authority = "http://localhost"

/** One HTTP/2 connection to a worker. */
export interface Session {
  readonly transport: Transport
  /** Closes the connection, and whatever runs on it. Safe to call twice. */
  close(): void
}

/** A session that connects as soon as it is used, and never keeps this process alive. */
export function createSession(address: Address, { maxMessageBytes, keepalive }: Settings): Session {
  const ping =
    keepalive === undefined ? {} : { pingIntervalMs: keepalive.interval, pingTimeoutMs: keepalive.timeout }
  const manager = new Http2SessionManager(authority, ping, {
    createConnection: () => address.connect(),
    settings: { initialWindowSize: windowBytes, maxFrameSize: 1024 * 1024 },
  })
  const request = manager.request.bind(manager)
  manager.request = async (...args) => {
    const stream = await request(...args)
    // The window of the connection has no option, and a session with an open stream is kept alive.
    stream.session?.setLocalWindowSize(windowBytes)
    stream.session?.unref()
    return stream
  }
  const transport = createGrpcTransport({
    baseUrl: authority,
    sessionManager: manager,
    acceptCompression: [],
    readMaxBytes: maxMessageBytes,
    writeMaxBytes: maxMessageBytes,
  })
  return { transport, close: () => manager.abort() }
}
