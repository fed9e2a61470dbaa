import { Client, credentials } from "@grpc/grpc-js"
import { loadSync, type MethodDefinition } from "@grpc/proto-loader"
import { type Contestant, openEach, type Session } from "../contestant.js"
import { helper } from "../python.js"
import { startServer } from "./server-process.js"

/** A gRPC service written by hand: grpcio and @grpc/grpc-js, one unary RPC for each call, one connection. */
export const grpcUnary: Contestant = {
  name: "grpc-unary",
  needs: ["grpcio", "protobuf"],
  open: ({ python, workers }) => openEach(workers, () => openOne(python)),
}

interface Wrapped<T> {
  readonly value: T
}

/** The service of bench.proto, as proto-loader describes it. */
interface Tools {
  readonly Echo: MethodDefinition<Wrapped<number>, Wrapped<number>>
  readonly EchoBytes: MethodDefinition<Wrapped<Uint8Array>, Wrapped<Buffer>>
  readonly Count: MethodDefinition<Wrapped<number>, Wrapped<number>>
  readonly Pid: MethodDefinition<object, Wrapped<number>>
}

const options = {
  "grpc.max_receive_message_length": -1,
  "grpc.max_send_message_length": -1,
  // HTTP/2's default of 64 KiB would have it wait in the middle of every large answer.
  "grpc-node.flow_control_window": 4 * 1024 * 1024,
}

async function openOne(python: string): Promise<Session> {
  // A zero is not sent, and left out of the answer unless one asks for defaults.
  const tools = loadSync(helper("bench.proto"), { defaults: true })["bench.Tools"] as unknown as Tools
  const server = await startServer(python, "grpc_server.py")
  const client = new Client(server.address, credentials.createInsecure(), options)
  return {
    echo: async (value) => (await unary(client, tools.Echo, { value })).value,
    echoBytes: async (value) => (await unary(client, tools.EchoBytes, { value })).value,
    count: async (n, onItem) => {
      for await (const { value } of serverStream(client, tools.Count, { value: n })) onItem(value)
    },
    pids: async () => [(await unary(client, tools.Pid, {})).value],
    close: async () => {
      client.close()
      await server.close()
    },
  }
}

function unary<Request extends object, Response extends object>(
  client: Client,
  { path, requestSerialize, responseDeserialize }: MethodDefinition<Request, Response>,
  request: Request,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(path, requestSerialize, responseDeserialize, request, (error, response) => {
      if (response === undefined) reject(error)
      else resolve(response)
    })
  })
}

function serverStream<Request extends object, Response extends object>(
  client: Client,
  { path, requestSerialize, responseDeserialize }: MethodDefinition<Request, Response>,
  request: Request,
): AsyncIterable<Response> {
  return client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, request)
}
