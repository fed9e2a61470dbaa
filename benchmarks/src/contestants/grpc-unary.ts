import { Client, credentials, type ServiceError } from "@grpc/grpc-js"
import { loadSync, type MethodDefinition, type ServiceDefinition } from "@grpc/proto-loader"
import { type Contestant, openEach, type Session } from "../contestant.js"
import { helper } from "../python.js"
import { startServer } from "./server-process.js"

/** A gRPC service written by hand: one unary RPC for each call, over one HTTP/2 connection. */
export const grpcUnary: Contestant = {
  name: "grpc-unary",
  needs: ["grpcio", "protobuf"],
  open: ({ python, workers }) => openEach(workers, () => openOne(python)),
}

const options: Record<string, number> = {
  "grpc.max_receive_message_length": -1,
  "grpc.max_send_message_length": -1,
  ...(process.env.WIN ? { "grpc-node.flow_control_window": Number(process.env.WIN) } : {}),
}

async function openOne(python: string): Promise<Session> {
  const server = await startServer(python, "grpc_server.py")
  const service = loadSync(helper("bench.proto"), { defaults: true })["bench.Tools"] as ServiceDefinition
  const client = new Client(server.address, credentials.createInsecure(), options)
  const m = (name: string) => service[name] as MethodDefinition<object, object>
  const call = (name: string, request: object): Promise<any> =>
    new Promise((resolve, reject) => {
      const { path, requestSerialize, responseDeserialize } = m(name)
      client.makeUnaryRequest(path, requestSerialize, responseDeserialize, request, (error: ServiceError | null, r) =>
        error ? reject(error) : resolve(r),
      )
    })
  return {
    echo: async (value) => (await call("Echo", { value })).value,
    echoBytes: async (data) => (await call("EchoBytes", { value: data })).value,
    count: async (n, onItem) => {
      const { path, requestSerialize, responseDeserialize } = m("Count")
      for await (const x of client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, { value: n })) onItem(x.value)
    },
    pids: async () => [(await call("Pid", {})).value],
    close: async () => {
      client.close()
      await server.close()
    },
  }
}
