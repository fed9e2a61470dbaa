/** A pool in numbers. Counts of calls are since its start. */
export interface PoolStats {
  /** Workers that are up. */
  readonly workers: number
  /** Workers without a call. */
  readonly available: number
  readonly busy: number
  /** Calls accepted. */
  readonly requests: number
  /** Calls waiting now, in the queue or behind another call. */
  readonly queued: number
  /** Accepted calls that failed, whatever the reason. */
  readonly errors: number
  readonly queueTimeouts: number
  /** Calls refused because the queue was full. */
  readonly poolSaturated: number
  /** Times a call that had not started went back to the queue because its worker died. */
  readonly requeued: number
  /** Worker processes that ended without being told to. */
  readonly crashes: number
}

/** The counters behind `PoolStats`. */
export class Counters {
  requests = 0
  errors = 0
  queueTimeouts = 0
  poolSaturated = 0
  requeued = 0
  crashes = 0

  snapshot(now: {
    readonly workers: number
    readonly available: number
    readonly queued: number
  }): PoolStats {
    const { requests, errors, queueTimeouts, poolSaturated, requeued, crashes } = this
    const busy = now.workers - now.available
    return { ...now, busy, requests, errors, queueTimeouts, poolSaturated, requeued, crashes }
  }
}
