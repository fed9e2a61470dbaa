import { fileURLToPath } from "node:url"
import { python } from "@snakepit/python-bridge"

/** Launches Python workers that serve the conformance tools. */
export const pythonWorker = python({
  adapter: "conformance_adapter:ConformanceAdapter",
  cwd: fileURLToPath(new URL("../python", import.meta.url)),
  // A value that nothing can be done with is an error, not a description of itself.
  env: { SNAKEPIT_UNSERIALIZABLE: "error" },
})
