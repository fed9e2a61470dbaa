import { dirname } from "node:path"
import { at, bin, cache, filesBelow, pythonPackage } from "./paths.mjs"

// biome makes a folder in the user's cache otherwise.
const biomeEnv = { XDG_CACHE_HOME: cache }

/** Python beside the package itself; each folder is a program of its own. */
const pythonFolders = [
  "benchmarks/python",
  "packages/conformance/python",
  "packages/faults/python",
  ...filesBelow("apps/examples/src", [".py"]).map((file) => dirname(file)),
]
// All of it is held to the rules of the package.
const ruffTargets = [
  "--config",
  "pyproject.toml",
  ".",
  ...[...pythonFolders, "packages/python-bridge/test"].map((folder) => at(folder)),
]

/** Everything `npm run lint` runs, as `{ name, command, args, cwd?, env? }`. `python` is the one of `.venv`. */
export const checks = (python) => [
  {
    name: "biome",
    command: bin("biome"),
    args: ["ci", "--error-on-warnings", "--colors=off"],
    env: biomeEnv,
  },
  { name: "knip", command: bin("knip"), args: ["--no-config-hints"] },
  { name: "types", command: bin("tsc"), args: ["-b"] },
  { name: "types of tests", command: bin("tsc"), args: ["-p", "tsconfig.test.json"] },
  { name: "layers", command: process.execPath, args: [at("scripts/check-layers.mjs")] },
  { name: "generated", command: process.execPath, args: [at("scripts/generate.mjs"), "--check"] },
  { name: "ruff", command: python, args: ["-m", "ruff", "check", ...ruffTargets], cwd: pythonPackage },
  {
    name: "ruff format",
    command: python,
    args: ["-m", "ruff", "format", "--check", ...ruffTargets],
    cwd: pythonPackage,
  },
  { name: "mypy", command: python, args: ["-m", "mypy", "--strict"], cwd: pythonPackage },
  ...pythonFolders.map((folder) => ({
    name: `mypy ${folder}`,
    command: python,
    args: ["-m", "mypy", "--strict", "--config-file", "pyproject.toml", at(folder)],
    cwd: pythonPackage,
    env: { MYPYPATH: at(folder) },
  })),
  { name: "packages", command: process.execPath, args: [at("scripts/check-packages.mjs"), "--static"] },
]
