import { checks } from "./lib/checks.mjs"
import { green, red, script, step } from "./lib/log.mjs"
import { run } from "./lib/run.mjs"
import { setup } from "./setup.mjs"

// `npm run lint` runs every check, `npm run lint -- biome mypy` the named ones.
await script(async (names) => {
  const python = await setup()
  const chosen = checks(python).filter(({ name }) => names.length === 0 || names.includes(name))
  const failed = []
  for (const { name, command, args, cwd, env } of chosen) {
    step(name)
    const { code } = await run(command, args, { cwd, env })
    if (code !== 0) failed.push(name)
  }
  console.log(failed.length === 0 ? green("✓ All checks passed.") : red(`✗ Failed: ${failed.join(", ")}`))
  return failed.length === 0 ? 0 : 1
})
