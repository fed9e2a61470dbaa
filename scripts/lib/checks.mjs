import { at, bin, cache, pythonPackage } from "./paths.mjs"

// biome makes a folder in the user's cache otherwise.
const biomeEnv = { XDG_CACHE_HOME: cache }

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
  { name: "ruff", command: python, args: ["-m", "ruff", "check", "."], cwd: pythonPackage },
  {
    name: "ruff format",
    command: python,
    args: ["-m", "ruff", "format", "--check", "."],
    cwd: pythonPackage,
  },
  { name: "mypy", command: python, args: ["-m", "mypy", "--strict"], cwd: pythonPackage },
  { name: "packages", command: process.execPath, args: [at("scripts/check-packages.mjs"), "--static"] },
]
