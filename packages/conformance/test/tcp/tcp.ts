import { once } from "node:events"
import { connect } from "node:net"
import type { Transport } from "@snakepit/core/transport"
import { json } from "@snakepit/transport-json"

/** Lines of JSON over a TCP socket of this machine. */
export function tcp(): Transport {
  return {
    name: "tcp",
    environment: () => ({ SNAKEPIT_CARRIER_TCP: "tcp_carrier:TcpCarrier" }),
    async open(io) {
      const port = Number(io.hello.address?.split(":").at(-1))
      const socket = connect({ host: "127.0.0.1", port, noDelay: true, signal: io.signal })
      await once(socket, "connect", { signal: io.signal })
      socket.write(`${io.hello.token}\n`)
      // A worker that lost its host's end of either leaves.
      socket.once("close", () => io.stream.destroy())
      return json().open({ ...io, stream: socket, hello: { ...io.hello, address: null } })
    },
  }
}
