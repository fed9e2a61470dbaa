import { script } from "./lib/log.mjs"
import { at } from "./lib/paths.mjs"
import { run } from "./lib/run.mjs"
import { setup } from "./setup.mjs"

// `npm run soak -- --minutes 60` runs every kind of load for that long, and ends with 1 when a call was lost or memory
// or descriptors grow. `--transport json|msgpack|grpc`, `--launch fork|spawn` and `--seed N` choose what it runs.
await script(async (args) => {
  const python = await setup()
  const env = { SNAKEPIT_PYTHON: process.env.SNAKEPIT_PYTHON ?? python }
  const program = at("packages/faults/dist/soak-main.js")
  const { code } = await run(process.execPath, ["--expose-gc", program, ...args], { env })
  return code
})
