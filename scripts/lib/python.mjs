import { existsSync, mkdirSync, readdirSync, rmSync } from "node:fs"
import { homedir } from "node:os"
import { join, relative } from "node:path"
import { Stop, step } from "./log.mjs"
import { cache, pythonPackage, root, venv } from "./paths.mjs"
import { run } from "./run.mjs"
import { stampOf } from "./stamp.mjs"

/** The Python works, but an environment with the bridge's packages could not be made from it. */
export class NoVenv extends Stop {}

const oldest = 9
const newest = 13

/**
 * @returns `{ executable, minor }` of a working Python 3, or undefined. A pyenv shim without its version does not
 *   work, and inside an activated virtual environment the Python it was made from is meant.
 */
async function probe(command) {
  const ask =
    "import sys; base = getattr(sys, '_base_executable', sys.executable); print(sys.version_info[0], sys.version_info[1], base, sep='\\n')"
  const { code, output } = await run(command, ["-c", ask], { capture: true })
  const [major, minor, executable] = output.trim().split("\n")
  return code === 0 && major === "3" ? { executable, minor: Number(minor) } : undefined
}

/** The Python that the project's own environment is made from. Stops with advice when there is none. */
export async function findPython() {
  const named = Array.from({ length: newest - oldest + 1 }, (_, i) => `python3.${newest - i}`)
  let tooOld
  for (const command of ["python3", ...named, "python"]) {
    const found = await probe(command)
    if (found && found.minor >= oldest) return found
    tooOld ??= found
  }
  const seen = tooOld
    ? `the only Python found is 3.${tooOld.minor} (${tooOld.executable})`
    : "no python3 was found on PATH"
  throw new Stop(
    `Snakepit needs Python 3.${oldest} or newer, and ${seen}.\n` +
      "  Debian, Ubuntu: sudo apt-get install python3 python3-venv\n" +
      "  macOS:          brew install python3\n" +
      "  elsewhere:      https://www.python.org/downloads/",
  )
}

/** One Python of each minor version from 3.9 to 3.13 that this machine has, oldest first. */
export async function findEveryPython() {
  const pyenv = join(process.env.PYENV_ROOT ?? join(homedir(), ".pyenv"), "versions")
  const installed = existsSync(pyenv) ? readdirSync(pyenv).sort() : []
  const found = new Map()
  for (let minor = oldest; minor <= newest; minor++) {
    const managed = installed
      .filter((name) => name.startsWith(`3.${minor}.`))
      .map((name) => join(pyenv, name, "bin/python3"))
    for (const command of [`python3.${minor}`, ...managed, "python3"]) {
      const python = found.has(minor) ? undefined : await probe(command)
      if (python?.minor === minor) found.set(minor, python)
    }
  }
  return [...found.values()]
}

/** The interpreter inside a virtual environment. */
export const pythonOf = (folder) =>
  process.platform === "win32" ? join(folder, "Scripts", "python.exe") : join(folder, "bin", "python")

/**
 * Makes a virtual environment with the bridge in it, editable, unless the one there is still right; one that is
 * there already stays when another Python has come first on PATH since.
 * @param extras the extras of the Python package to install, for instance `["fast", "dev"]`
 */
export async function ensureVenv({ folder, python, extras, name }) {
  const package_ = relative(root, pythonPackage)
  const stamp = stampOf({
    name,
    inputs: [`${package_}/pyproject.toml`],
    extra: extras.join(" "),
    outputs: [relative(root, pythonOf(folder))],
  })
  if (stamp.fresh()) return pythonOf(folder)
  step(`Preparing Python 3.${python.minor} in ${relative(root, folder)}`)
  rmSync(folder, { recursive: true, force: true })
  await createVenv(python, folder)
  await pipInstall(folder, `${pythonPackage}[${extras.join(",")}]`)
  stamp.write()
  return pythonOf(folder)
}

async function pipInstall(folder, editable) {
  const install = ["-m", "pip", "install", "--quiet", "--editable", editable]
  const { code, output } = await runTidily(pythonOf(folder), install)
  if (code !== 0) throw new NoVenv(`${output.trim()}\npip could not fill ${relative(root, folder)}`)
}

/** Some versions of pip forget temporary files, so they get a folder of their own that is removed. */
async function runTidily(command, args) {
  const scratch = join(cache, "tmp")
  mkdirSync(scratch, { recursive: true })
  const result = await run(command, args, { capture: true, env: { TMPDIR: scratch } })
  rmSync(scratch, { recursive: true, force: true })
  return result
}

/** The environment that the Python package's tests run in under one version: `.venv` where it has that version. */
export async function ensureTestVenv(python) {
  const own = await probe(pythonOf(venv))
  if (own?.minor === python.minor) return pythonOf(venv)
  const version = `3.${python.minor}`
  const folder = join(cache, "python", version)
  return ensureVenv({ folder, python, extras: ["all", "test"], name: `venv-${version}` })
}

async function createVenv(python, folder) {
  const made = await runTidily(python.executable, ["-m", "venv", folder])
  if (made.code === 0) return
  rmSync(folder, { recursive: true, force: true })
  throw new NoVenv(
    `${python.executable} cannot make a virtual environment:\n${made.output.trim()}\n` +
      `  Debian, Ubuntu: sudo apt-get install python3.${python.minor}-venv\n` +
      "  elsewhere:      install a Python that comes with the modules venv and ensurepip",
  )
}
