import { msgpack } from "@snakepit/transport-msgpack"
import { conformance } from "../src/conformance.js"
import { pythonWorker } from "./python-worker.js"

conformance("msgpack, with a Python worker", { transport: msgpack, adapter: pythonWorker })
