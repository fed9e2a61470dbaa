import { fileURLToPath } from "node:url"
import { python } from "@snakepit/python-bridge"
import { grpc } from "@snakepit/transport-grpc"
import { conformance } from "../src/conformance.js"

conformance("gRPC over a unix socket, with a Python worker", {
  transport: grpc,
  adapter: python({
    adapter: "conformance_adapter:ConformanceAdapter",
    cwd: fileURLToPath(new URL("../python", import.meta.url)),
    // A value that nothing can be done with is an error, not a description of itself.
    env: { SNAKEPIT_UNSERIALIZABLE: "error" },
  }),
})
