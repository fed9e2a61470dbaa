import { script, step } from "./lib/log.mjs"
import { at } from "./lib/paths.mjs"
import { run } from "./lib/run.mjs"
import { setup } from "./setup.mjs"

await script(async (args) => {
  const python = await setup({ python: "optional" })
  step("Running the quickstart (apps/examples/src/quickstart)")
  const env = { SNAKEPIT_PYTHON: process.env.SNAKEPIT_PYTHON ?? python }
  const { code } = await run(process.execPath, [at("apps/examples/dist/quickstart/main.js"), ...args], {
    env,
  })
  return code
})
