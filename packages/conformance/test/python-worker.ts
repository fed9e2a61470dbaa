import { fileURLToPath } from "node:url"
import { python } from "@snakepit/python-bridge"

const cwd = fileURLToPath(new URL("../python", import.meta.url))
// A value that nothing can be done with is an error, not a description of itself.
const env = { SNAKEPIT_UNSERIALIZABLE: "error" }

/** Launches Python workers that serve the conformance tools. */
export const pythonWorker = python({ adapter: "conformance_adapter:ConformanceAdapter", cwd, env })

/** The same with tools that run in a thread: in one, so that their order is as certain as elsewhere. */
export const threadWorker = python({
  adapter: "conformance_threads:ThreadedConformanceAdapter",
  cwd,
  env: { ...env, SNAKEPIT_PROFILE: "thread", SNAKEPIT_THREADS: "1" },
})
