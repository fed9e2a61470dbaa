import * as core from "@snakepit/core"

/** Every error class that the core exports; a start that fails is no ending of a call. */
const kinds = Object.values(core).filter(
  (value) => typeof value === "function" && value.prototype instanceof Error && value !== core.StartFailed,
)

/** An error that a caller can tell apart by its class. */
export function isTypedError(error: unknown): boolean {
  return kinds.some((kind) => typeof kind === "function" && error instanceof kind)
}

const refusals = new Set(["PoolSaturated", "CircuitOpen", "SessionTainted", "WorkerBusy"])
const unstarted = new Set([...refusals, "QueueTimeout", "InvalidParameter", "UnknownTool"])

/** The call was never accepted. */
export function refusedAtOnce(error: unknown): boolean {
  return refusals.has(tagOf(error))
}

/** The error vouches that the tool did not run. */
export function neverRan(error: unknown): boolean {
  if (unstarted.has(tagOf(error))) return true
  return error instanceof Error && "started" in error && error.started === false
}

/** The tag of a typed error; the text of anything else. */
export function tagOf(error: unknown): string {
  return error instanceof Error && "_tag" in error ? String(error._tag) : String(error)
}
