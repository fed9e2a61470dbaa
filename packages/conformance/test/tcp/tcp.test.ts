import { conformance } from "../../src/conformance.js"
import { pythonWorker } from "../python-worker.js"
import { tcp } from "./tcp.js"

conformance("a transport of one's own, with a Python worker", {
  transport: tcp,
  adapter: pythonWorker,
  address: /^tcp:127\.0\.0\.1:\d+$/,
})
