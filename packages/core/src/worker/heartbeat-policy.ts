/** A worker, as a ping sees it. */
export interface PingTarget {
  readonly workerId: string
  readonly pool: string
  readonly pid: number | null
  /** The protocol's own ping; resolves at its answer. */
  ping(): Promise<void>
}

/** How a pool finds out that a worker does not answer any more. Times are milliseconds. */
export interface HeartbeatPolicy {
  readonly intervalMs: number
  /** How long an answer may take before it counts as missed. */
  readonly timeoutMs: number
  /** Misses in a row after which something is done. */
  readonly maxMissed: number
  /** Whether an idle worker that does not answer is killed; else it is only reported. */
  readonly dependent: boolean
  /** In place of the protocol's own ping. One that rejects counts as missed. */
  readonly ping: ((target: PingTarget) => Promise<unknown>) | undefined
}

/** What a worker is told of it, for whoever is interested there; the host alone decides. */
export function heartbeatEnvironment(policy: HeartbeatPolicy): Readonly<Record<string, string>> {
  const told = {
    interval_ms: policy.intervalMs,
    timeout_ms: policy.timeoutMs,
    max_missed: policy.maxMissed,
    dependent: policy.dependent,
  }
  return { SNAKEPIT_HEARTBEAT_CONFIG: JSON.stringify(told) }
}
