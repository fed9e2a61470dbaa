import { existsSync, statSync } from "node:fs"
import { resolve } from "node:path"
import type { ProcessPlan } from "../adapter/adapter.js"

/** A worker could not be started. The message says what was tried, what happened and what to do. */
export class LaunchError extends Error {
  override readonly name = "LaunchError"
  readonly executable: string
  /** The system's code, for instance `ENOENT`, `EACCES`, `EAGAIN` or `EMFILE`. */
  readonly code?: string
  /** The adapter's advice. */
  readonly hint?: string

  constructor(plan: Pick<ProcessPlan, "executable" | "hint">, reason: string, cause?: unknown) {
    super(`Cannot start "${plan.executable}": ${[reason, plan.hint].filter(Boolean).join(" ")}`, { cause })
    this.executable = plan.executable
    const code = codeOf(cause)
    if (code !== undefined) this.code = code
    if (plan.hint !== undefined) this.hint = plan.hint
  }
}

/** The time of a launch was over while what workers share was still being loaded. The message says what, and where. */
export class StillLoading extends Error {
  override readonly name = "StillLoading"
}

/** Says what a failed spawn means. Arguments and environment stay out of it: they may hold secrets. */
export function launchError(plan: ProcessPlan, cause: unknown): LaunchError {
  return new LaunchError(plan, reasonOf(plan, cause), cause)
}

function reasonOf(plan: ProcessPlan, cause: unknown): string {
  switch (codeOf(cause)) {
    case "ENOENT":
    case "ENOTDIR":
      return cwdProblem(plan.cwd) ?? missingExecutable(plan)
    case "EACCES":
      return `permission denied. It must be an executable file${plan.cwd ? `, and ${plan.cwd} a directory this user may enter` : ""}.`
    case "EAGAIN":
      return "the system refuses another process. Start fewer workers, or raise the limit (ulimit -u)."
    case "EMFILE":
    case "ENFILE":
      return "too many files are open. Start fewer workers, or raise the limit (ulimit -n)."
    case "ENOMEM":
      return "there is not enough memory for another process."
    case "E2BIG":
      return "its arguments and environment are too long for the system."
    default:
      return `${cause instanceof Error ? cause.message : String(cause)}.`
  }
}

/** Node reports a missing working directory as if the executable were missing. */
function cwdProblem(cwd: string | undefined): string | undefined {
  if (cwd === undefined) return undefined
  const found = statSync(cwd, { throwIfNoEntry: false })
  if (!found) return `its working directory ${cwd} does not exist.`
  return found.isDirectory() ? undefined : `its working directory ${cwd} is not a directory.`
}

function missingExecutable({ executable, cwd = "." }: ProcessPlan): string {
  if (!/[/\\]/.test(executable))
    return "it is not on the PATH of the worker. Install it, or give its full path."
  const path = resolve(cwd, executable)
  if (existsSync(path)) return "it exists, but the interpreter that its first line names does not."
  return `${path} does not exist.`
}

function codeOf(cause: unknown): string | undefined {
  return cause instanceof Error && "code" in cause && typeof cause.code === "string" ? cause.code : undefined
}
