import { once } from "node:events"
import { type ClientHttp2Session, connect as connectHttp2 } from "node:http2"
import { connect, type Socket } from "node:net"
import { onTestFinished } from "vitest"

/** A connection to what a hello names, that says nothing yet. It ends with the test. */
export async function reach(address: string): Promise<Socket> {
  const [kind, ...rest] = address.split(":")
  const socket = connect(
    kind === "unix" ? { path: rest.join(":") } : { host: "127.0.0.1", port: Number(rest.at(-1)) },
  )
  onTestFinished(() => void socket.destroy())
  socket.on("error", () => {})
  await once(socket, "connect")
  return socket
}

/** A client of gRPC that the worker has not been told of. */
export class Stranger {
  readonly #session: ClientHttp2Session

  private constructor(session: ClientHttp2Session) {
    this.#session = session
  }

  static async at(address: string): Promise<Stranger> {
    const socket = await reach(address)
    const session = connectHttp2("http://localhost", { createConnection: () => socket })
    session.on("error", () => {})
    onTestFinished(() => session.destroy())
    await once(session, "connect")
    return new Stranger(session)
  }

  /** Opens a stream and sends nothing on it. @returns the status that it is answered with, if at all. */
  async knock(token?: string, path = "/snakepit.v1.Worker/Channel"): Promise<number | undefined> {
    const stream = this.#session.request({
      ":method": "POST",
      ":path": path,
      "content-type": "application/grpc",
      te: "trailers",
      ...(token !== undefined && { authorization: token }),
    })
    let status: number | undefined
    const note = (headers: Record<string, unknown>): void => {
      if (headers["grpc-status"] !== undefined) status = Number(headers["grpc-status"])
    }
    stream
      .on("response", note)
      .on("trailers", note)
      .on("error", () => {})
      .resume()
    await new Promise((resolve) => stream.once("close", resolve))
    return status
  }
}
