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
  /** How it was called, a path or a command. */
  readonly executable: string
  readonly version: string
  /** Versions of the packages that were asked for and are installed, by the names that pip knows. */
  readonly packages: Readonly<Record<string, string>>
}

const describe = `
import json, platform, sys
from importlib.metadata import PackageNotFoundError, version
packages = {}
for name in sys.argv[1:]:
    try:
        packages[name] = version(name)
    except PackageNotFoundError:
        pass
print(json.dumps({"version": platform.python_version(), "packages": packages}))
`

/** @throws Error when the interpreter does not run. */
export function describePython(executable: string, packages: readonly string[]): PythonFacts {
  const answer = execFileSync(executable, ["-c", describe, ...packages], { encoding: "utf8" })
  return { executable, ...JSON.parse(answer) }
}
