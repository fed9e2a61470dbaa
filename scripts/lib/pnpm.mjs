import { existsSync } from "node:fs"
import { delimiter, join } from "node:path"
import { at, cache, readJson } from "./paths.mjs"
import { must } from "./run.mjs"

/**
 * Runs the pnpm that package.json pins, or with `command` a program that needs it on PATH, as turbo does.
 * npm fetches it once into the clone, so that it is there offline, and nothing is installed globally.
 */
export async function pnpm(args, { command = "pnpm", ...options } = {}) {
  const { packageManager } = readJson(at("package.json"))
  const home = join(cache, packageManager)
  const bin = join(home, "node_modules", ".bin")
  if (!existsSync(join(bin, "pnpm"))) {
    await must("npm", ["install", "--prefix", home, "--no-package-lock", packageManager], { capture: true })
  }
  const env = { PATH: `${bin}${delimiter}${process.env.PATH}` }
  return must(command === "pnpm" ? join(bin, "pnpm") : command, args, { ...options, env })
}
