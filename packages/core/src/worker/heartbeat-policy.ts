/** What a configured ping gets to work with. */
export interface PingTarget {
  readonly workerId: string
  readonly pool: string
  /** `null` for a worker that lives inside the host. */
  readonly pid: number | null
  /** Aborted when the ping has taken `timeout`: nobody waits for it any more. */
  readonly signal: AbortSignal
  /** The ping of the protocol. Resolves at the pong, never rejects; asks once however often it is called meanwhile. */
  ping(): Promise<void>
}

/** How workers are asked whether they are well, and what becomes of those that do not say so. */
export interface HeartbeatPolicy {
  /** Milliseconds from one ping of a worker to the next. */
  readonly intervalMs: number
  /** Milliseconds a ping may take. */
  readonly timeoutMs: number
  /** Misses in a row after which an idle worker counts as dead; 1 or more. */
  readonly maxMissed: number
  /** Whether a worker that counts as dead is killed, or only reported. */
  readonly dependent: boolean
  /** Asked in place of the protocol's ping: one that rejects, or does not settle in time, is a miss. */
  readonly ping?: ((target: PingTarget) => Promise<unknown>) | undefined
}

/** Tells a worker how its host watches it. */
export function heartbeatEnvironment(policy: HeartbeatPolicy): Readonly<Record<string, string>> {
  const { intervalMs, timeoutMs, maxMissed, dependent } = policy
  return {
    SNAKEPIT_HEARTBEAT_CONFIG: JSON.stringify({
      interval_ms: intervalMs,
      timeout_ms: timeoutMs,
      max_missed: maxMissed,
      dependent,
    }),
  }
}
