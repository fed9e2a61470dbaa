import { grpc } from "@snakepit/transport-grpc"
import { conformance } from "../src/conformance.js"
import { pythonWorker } from "./python-worker.js"

conformance("gRPC over TCP, with a Python worker", {
  transport: () => grpc({ listen: "tcp" }),
  adapter: pythonWorker,
  address: /^tcp:127\.0\.0\.1:\d+$/,
})
