import type { HeartbeatPolicy } from "../../worker/heartbeat-policy.js"

/** How a pool keeps its workers up. Times are milliseconds. */
export interface RestartPolicy {
  /** Replacements within `periodMs` that start at once; further ones wait. */
  readonly intensity: number
  readonly periodMs: number
  /** The wait doubles from the least to the longest. */
  readonly minDelayMs: number
  readonly maxDelayMs: number
}

/** When a worker is replaced though nothing is wrong with it. `undefined`: not for that reason. */
export interface RecyclePolicy {
  readonly ttlMs: number | undefined
  readonly maxRequests: number | undefined
  /** Of the process and its children together. */
  readonly maxMemoryBytes: number | undefined
  /** By how much the limits differ from worker to worker: 0.1 is up to a tenth less. */
  readonly jitter: number
  /** How often the memory is looked at. */
  readonly checkIntervalMs: number
}

/** When a pool refuses calls for a while because its workers keep failing. */
export interface BreakerPolicy {
  /** Failures in a row that open it. */
  readonly failures: number
  /** How long it stays open before it tries again. */
  readonly cooldownMs: number
  /** Calls that it lets through to try. */
  readonly halfOpen: number
}

/** How often, and how soon, an idempotent call is made again. */
export interface RetryPolicy {
  /** All attempts together, with the first. */
  readonly attempts: number
  /** The wait doubles from the least to the longest. */
  readonly minDelayMs: number
  readonly maxDelayMs: number
}

/** What keeps one bad call from spoiling others. */
export interface CrashBarrierPolicy {
  /** Types of tool errors after which a worker is not to be trusted. */
  readonly taintOn: ReadonlySet<string>
  /** Workers that a session may crash within `periodMs`. */
  readonly sessionCrashes: number
  readonly periodMs: number
}

/** How a pool copes with failures. `undefined`: not at all. */
export interface Policies {
  readonly heartbeat: HeartbeatPolicy | undefined
  readonly recycle: RecyclePolicy
  readonly restart: RestartPolicy
  readonly breaker: BreakerPolicy | undefined
  readonly retry: RetryPolicy
  readonly crashBarrier: CrashBarrierPolicy | undefined
}
