import { json } from "@snakepit/transport-json"
import { conformance } from "../src/conformance.js"
import { threadWorker } from "./python-worker.js"

conformance("json, with a Python worker whose tools run in threads", {
  transport: json,
  adapter: threadWorker,
  pool: { profile: "thread", threads: 1 },
  suites: ["unary", "stream", "cancel", "host calls"],
})
