import { grpc } from "@snakepit/transport-grpc"
import { conformance } from "../src/conformance.js"
import { pythonWorker } from "./python-worker.js"

conformance("gRPC over a unix socket, with a Python worker", {
  transport: grpc,
  adapter: pythonWorker,
  address: /^unix:\//,
})
