import { json } from "@snakepit/transport-json"
import { conformance } from "../src/conformance.js"
import { pythonWorker } from "./python-worker.js"

conformance("json, with a Python worker", { transport: json, adapter: pythonWorker })
