import { resolve } from "node:path"
import { script } from "./lib/log.mjs"
import { at } from "./lib/paths.mjs"
import { run } from "./lib/run.mjs"
import { setup } from "./setup.mjs"

/** `--out FILE` and `--report DIR` are meant beside the caller, while the benchmarks run in their own folder. */
function withFullPaths(args) {
  const caller = process.env.INIT_CWD ?? process.cwd()
  const isPath = (i) => args[i - 1] === "--out" || args[i - 1] === "--report"
  return args.map((arg, i) => (isPath(i) ? resolve(caller, arg) : arg))
}

await script(async (args) => {
  const python = await setup()
  const env = { SNAKEPIT_PYTHON: process.env.SNAKEPIT_PYTHON ?? python }
  const { code } = await run(process.execPath, [at("benchmarks/dist/main.js"), ...withFullPaths(args)], {
    cwd: at("benchmarks"),
    env,
  })
  return code
})
