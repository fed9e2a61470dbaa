import type { PoolState } from "../../telemetry/events.js"

/** What the state of a pool follows from. */
export interface PoolHealth {
  /** Workers to keep up. */
  readonly size: number
  /** Workers that accept calls. */
  readonly up: number
  /** Workers that are missing because they could not start, or because too many ended: the next start has to wait. */
  readonly failing: number
  /** Since the pool was made, all of its workers were up once, or one has failed. */
  readonly begun: boolean
  readonly closing: "no" | "draining" | "closed"
  /** Why the last worker could not start. */
  readonly lastError: string | undefined
}

export interface Verdict {
  readonly state: PoolState
  /** For people. */
  readonly reason: string
}

export function judge(health: PoolHealth): Verdict {
  const { size, up, failing, begun, closing, lastError } = health
  if (closing === "closed") return { state: "closed", reason: "it was closed" }
  if (closing === "draining") return { state: "draining", reason: "it is being closed" }
  if (up === size)
    return { state: "ready", reason: up === 1 ? "its worker is up" : `all ${size} workers are up` }
  if (!begun && failing === 0) return { state: "starting", reason: "not all workers were up yet" }
  const missing = `${size - up} of ${size} workers ${size - up === 1 ? "is" : "are"} missing`
  if (failing === 0)
    return { state: up === 0 ? "degraded" : "ready", reason: `${missing}; replacements are starting` }
  const cause =
    lastError === undefined ? "too many have ended in a short time" : `the last start failed: ${lastError}`
  return { state: up === 0 ? "failed" : "degraded", reason: `${missing}; ${cause}` }
}
