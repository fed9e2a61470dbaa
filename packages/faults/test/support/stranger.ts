import { once } from "node:events"
import { type ClientHttp2Session, connect as connectHttp2 } from "node:http2"
import { connect, type NetConnectOpts, type Socket } from "node:net"
import { onTestFinished } from "vitest"

/** A connection of somebody who was not asked; it ends with the test. */
export async function knockAt(target: NetConnectOpts): Promise<Socket> {
  const socket = connect(target)
  onTestFinished(() => void socket.destroy())
  socket.on("error", () => {})
  await once(socket, "connect")
  return socket
}

/** Where an address such as `unix:/tmp/x/socket` or `tcp:127.0.0.1:80` leads to. */
export function placeOf(address: string): NetConnectOpts {
  const [kind, ...rest] = address.split(":")
  return kind === "unix" ? { path: rest.join(":") } : { host: "127.0.0.1", port: Number(rest.at(-1)) }
}

/** Opens gRPC's channel there with a token, or with none. @returns the status that it is answered with. */
export async function grpcStatus(address: string, token?: string): Promise<number | undefined> {
  const socket = await knockAt(placeOf(address))
  const session: ClientHttp2Session = connectHttp2("http://localhost", { createConnection: () => socket })
  session.on("error", () => {})
  onTestFinished(() => session.destroy())
  const stream = session.request({
    ":method": "POST",
    ":path": "/snakepit.v1.Worker/Channel",
    "content-type": "application/grpc",
    te: "trailers",
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
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
