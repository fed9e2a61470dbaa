import { fileURLToPath } from "node:url"
import { defineAdapter } from "@snakepit/core"
import { json } from "@snakepit/transport-json"
import { conformance } from "../src/conformance.js"

/** Python as a stand-in for any language: the script knows nothing of Snakepit's own packages. */
const script = fileURLToPath(new URL("../python/minimal_worker.py", import.meta.url))

conformance("json on stdio, with a worker written from the protocol's text alone", {
  transport: json,
  adapter: defineAdapter({
    name: "minimal",
    launch: () => ({ executable: "python3", args: [script], channel: "stdio" }),
  }),
  basic: true,
})
