import { existsSync } from "node:fs"
import { dirname, join, resolve } from "node:path"

/** Where an interpreter was found, or why it was looked for there. */
export interface Interpreter {
  readonly path: string
  /** For messages: `the option "python"`, `SNAKEPIT_PYTHON` … */
  readonly source: string
}

export interface InterpreterOptions {
  /** The interpreter itself: a path, or a name to look up in PATH. */
  readonly python?: string
  /** The folder of a virtual environment. */
  readonly venv?: string
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
}

/**
 * The interpreter to use: the option `python`, the option `venv`, `SNAKEPIT_PYTHON`, `VIRTUAL_ENV`, the nearest
 * `.venv` from the working directory upwards, `python3`. What is named explicitly is never replaced by a guess.
 */
export function findInterpreter(options: InterpreterOptions): Interpreter {
  const { python, venv, cwd, env } = options
  if (python !== undefined) return { path: fromCwd(cwd, python), source: 'the option "python"' }
  if (venv !== undefined) return { path: pythonOf(resolve(cwd, venv)), source: 'the option "venv"' }
  const named = env.SNAKEPIT_PYTHON
  if (named) return { path: fromCwd(cwd, named), source: "SNAKEPIT_PYTHON" }
  const active = env.VIRTUAL_ENV
  if (active) return { path: pythonOf(active), source: "VIRTUAL_ENV" }
  const nearest = nearestVenv(cwd)
  if (nearest !== undefined) return { path: nearest, source: "the nearest .venv" }
  return { path: process.platform === "win32" ? "python" : "python3", source: "PATH" }
}

/** A bare name is looked up in PATH; anything with a separator is a path. */
function fromCwd(cwd: string, python: string): string {
  return /[\\/]/.test(python) ? resolve(cwd, python) : python
}

function pythonOf(venv: string): string {
  return process.platform === "win32" ? join(venv, "Scripts", "python.exe") : join(venv, "bin", "python")
}

function nearestVenv(from: string): string | undefined {
  for (let folder = resolve(from); ; folder = dirname(folder)) {
    const candidate = pythonOf(join(folder, ".venv"))
    if (existsSync(candidate)) return candidate
    if (dirname(folder) === folder) return undefined
  }
}
