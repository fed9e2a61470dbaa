import { execFileSync } from "node:child_process"
import { existsSync } from "node:fs"
import { fileURLToPath } from "node:url"

/** The path of a helper in the folder `python/`. */
export const helper = (name: string): string => fileURLToPath(new URL(`../python/${name}`, import.meta.url))

/** The interpreter for every contestant: `SNAKEPIT_PYTHON`, the repository's `.venv`, or `python3`. */
export function findPython(): string {
  const venv = fileURLToPath(new URL("../../.venv/bin/python", import.meta.url))
  return process.env.SNAKEPIT_PYTHON ?? (existsSync(venv) ? venv : "python3")
}

export interface PythonFacts {
  readonly version: string
  /** `null` when the interpreter has no orjson. */
  readonly orjson: string | null
}

const describe = `
import json, platform
try:
    from orjson import __version__ as orjson
except ImportError:
    orjson = None
print(json.dumps({"version": platform.python_version(), "orjson": orjson}))
`

/** @throws Error when the interpreter does not run. */
export function describePython(python: string): PythonFacts {
  return JSON.parse(execFileSync(python, ["-c", describe], { encoding: "utf8" }))
}
