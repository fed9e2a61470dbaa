import { existsSync } from "node:fs"
import { pathToFileURL } from "node:url"
import { green, note, Stop, script, step, warn } from "./lib/log.mjs"
import { at, bin, filesBelow, venv, workspacePackages } from "./lib/paths.mjs"
import { pnpm } from "./lib/pnpm.mjs"
import { ensureTestVenv, ensureVenv, findEveryPython, findPython } from "./lib/python.mjs"
import { stampOf } from "./lib/stamp.mjs"

/**
 * Brings a clone to where everything can run; does nothing when nothing changed.
 * @param options `python: "optional"` lets a plain python3 do when no virtual environment can be made
 * @returns the Python to use
 */
export async function setup({ python = "required" } = {}) {
  checkNode()
  const plain = await findPython()
  await install()
  await build()
  try {
    return await ensureVenv({ folder: venv, python: plain, extras: ["all", "dev", "bench"], name: "venv" })
  } catch (error) {
    if (python === "required" || !(error instanceof Stop)) throw error
    warn(
      `${error.message}\n  Going on with ${plain.executable}: the bridge needs nothing but the standard library.`,
    )
    return plain.executable
  }
}

function checkNode() {
  const [major, minor] = process.versions.node.split(".").map(Number)
  if (major > 20 || (major === 20 && minor >= 19)) return
  throw new Stop(`Snakepit needs Node 20.19 or newer; this is ${process.version}. See https://nodejs.org/`)
}

const manifests = () => ["package.json", ...workspacePackages().map((pkg) => `${pkg.dir}/package.json`)]

async function install() {
  const stamp = stampOf({
    name: "install",
    inputs: ["pnpm-lock.yaml", "pnpm-workspace.yaml", ...manifests()],
    extra: `${process.platform} ${process.arch}`,
    outputs: [
      "node_modules",
      ...workspacePackages()
        .filter(hasDependencies)
        .map((pkg) => `${pkg.dir}/node_modules`),
    ],
  })
  if (stamp.fresh()) return
  step("Installing the npm packages")
  await pnpm(["install", "--frozen-lockfile", "--prefer-offline", "--reporter=append-only"])
  stamp.write()
}

const hasDependencies = ({ manifest }) =>
  Object.keys({ ...manifest.dependencies, ...manifest.devDependencies }).length > 0

async function build() {
  const built = workspacePackages().filter((pkg) => pkg.manifest.scripts?.build)
  const stamp = stampOf({
    name: "build",
    inputs: [...manifests(), ...buildInputs()],
    outputs: built.filter((pkg) => existsSync(at(pkg.dir, "src"))).map((pkg) => `${pkg.dir}/dist`),
  })
  if (stamp.fresh()) return
  step("Building the TypeScript packages")
  await pnpm(["run", "build", "--output-logs=errors-only"], { command: bin("turbo") })
  stamp.write()
}

function buildInputs() {
  const sources = workspacePackages().flatMap((pkg) =>
    filesBelow(pkg.dir, [".ts", ".mts", ".tsx", "tsconfig.json"]),
  )
  return ["turbo.json", "tsconfig.base.json", ...sources]
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  await script(async () => {
    const python = await setup()
    for (const other of await findEveryPython())
      await ensureTestVenv(other).catch((error) => warn(error.message))
    console.log(green("✓ Ready."))
    note(`Python: ${python}`)
    note("Next: npm start (the quickstart), npm test, npm run bench -- --quick")
  })
}
