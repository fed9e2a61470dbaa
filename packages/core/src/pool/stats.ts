import type { BreakerState, PoolState } from "../telemetry/events.js"

/** A pool in numbers. Counts of calls are since its start. */
export interface PoolCounts {
  /** Workers that are up. */
  readonly workers: number
  /** Workers without a call. */
  readonly available: number
  readonly busy: number
  /** Workers that are being started. */
  readonly starting: number
  /** Calls accepted. */
  readonly requests: number
  /** Calls waiting now: in the queue, behind another call, or to be made again. */
  readonly queued: number
  /** Accepted calls that failed, whatever the reason. */
  readonly errors: number
  readonly queueTimeouts: number
  /** Calls refused because the queue was full. */
  readonly poolSaturated: number
  /** Times a call that had not started went back to the queue because its worker died. */
  readonly requeued: number
  /** Times an idempotent call was made again. */
  readonly retried: number
  /** Worker processes that ended without being told to. */
  readonly crashes: number
  /** Workers that were replaced before they ended. */
  readonly recycled: number
}

export interface PoolStats extends PoolCounts {
  readonly state: PoolState
  /** `null`: the pool has none. */
  readonly breaker: BreakerState | null
}

/** How a pool is, as its supervisor sees it. */
export interface Vitals {
  readonly state: PoolState
  readonly starting: number
  readonly recycled: number
}

type Counted = "requests" | "errors" | "queueTimeouts" | "poolSaturated" | "requeued" | "retried" | "crashes"

/** The counters behind `PoolStats`. */
export class Counters {
  requests = 0
  errors = 0
  queueTimeouts = 0
  poolSaturated = 0
  requeued = 0
  retried = 0
  crashes = 0

  snapshot(now: Omit<PoolStats, Counted | "busy">): PoolStats {
    const { requests, errors, queueTimeouts, poolSaturated, requeued, retried, crashes } = this
    const busy = now.workers - now.available
    return { ...now, busy, requests, errors, queueTimeouts, poolSaturated, requeued, retried, crashes }
  }
}
