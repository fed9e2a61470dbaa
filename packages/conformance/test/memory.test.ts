import { memory } from "@snakepit/core/testing"
import { conformance } from "../src/conformance.js"
import { inProcessAdapter } from "../src/tools.js"

conformance("memory, with a worker in this process", {
  transport: memory,
  adapter: inProcessAdapter,
  address: /^memory:/,
})
