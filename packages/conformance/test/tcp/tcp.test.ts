import { fileURLToPath } from "node:url"
import { python } from "@snakepit/python-bridge"
import { conformance } from "../../src/conformance.js"
import { tcp } from "./tcp.js"

conformance("a transport of one's own, with a Python worker", {
  transport: tcp,
  adapter: python({
    adapter: "conformance_adapter:ConformanceAdapter",
    cwd: fileURLToPath(new URL("../../python", import.meta.url)),
    // A value that nothing can be done with is an error, not a description of itself.
    env: { SNAKEPIT_UNSERIALIZABLE: "error" },
  }),
})
