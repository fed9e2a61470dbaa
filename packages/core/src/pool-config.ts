import { availableParallelism } from "node:os"
import type { Adapter, WorkerProfile } from "./adapter/adapter.js"
import { type DurationInput, toMillis } from "./client/call-options.js"
import { checkKeys, integer, invalid, type KnownKeys, mustBe } from "./config-checks.js"
import type { Affinity } from "./pool/dispatch/bindings.js"
import type { Policies } from "./pool/supervisor/policies.js"
import { type ReliabilityConfig, resolveReliability } from "./reliability-config.js"
import { checkAffinity } from "./session-config.js"

/** One pool of workers of one kind. */
export interface PoolConfig extends ReliabilityConfig {
  /** Workers to keep up. Default: twice the number of CPUs; at most 1,000. */
  readonly size?: number
  /** Calls that may wait for a worker. Default 1,000. One more is refused with `PoolSaturated`. */
  readonly maxQueue?: number
  /** How long a call may wait for a worker. Default 5 s. */
  readonly queueTimeout?: DurationInput
  /** How long a worker may take from launch to ready. Default 20 s. */
  readonly startTimeout?: DurationInput
  /** Workers launched at a time. Default 8. */
  readonly startConcurrency?: number
  /** How long a cancelled tool may take to stop before its worker is killed. Default 2 s. */
  readonly cancelGrace?: DurationInput
  /** Overrides the adapter of the whole configuration. */
  readonly adapter?: Adapter
  /** How sessions are tied to workers when they say nothing themselves. Default `hint`. */
  readonly affinity?: Affinity
  /**
   * `process`: one call at a time in each worker. `thread`: up to `threads` at a time. `auto`: threads where the
   * interpreter runs them in parallel. Default `process`.
   */
  readonly profile?: WorkerProfile
  /** Calls at a time in each worker of the profile `thread`. Default 16; at most 1,024. */
  readonly threads?: number
}

export interface ResolvedPool extends Policies {
  readonly name: string
  readonly size: number
  readonly maxQueue: number
  readonly queueTimeoutMs: number
  readonly startTimeoutMs: number
  readonly startConcurrency: number
  readonly cancelGraceMs: number
  readonly adapter: Adapter
  readonly affinity: Affinity
  readonly profile: WorkerProfile
  readonly threads: number
}

const poolKeys: KnownKeys<PoolConfig> = {
  size: true,
  maxQueue: true,
  queueTimeout: true,
  startTimeout: true,
  startConcurrency: true,
  cancelGrace: true,
  adapter: true,
  affinity: true,
  profile: true,
  threads: true,
  heartbeat: true,
  recycle: true,
  restart: true,
  breaker: true,
  retry: true,
  crashBarrier: true,
}

/**
 * Fills in defaults.
 * @param adapter of the whole configuration.
 * @throws {InvalidConfig} naming the key that is wrong.
 */
export function resolvePool(name: string, pool: PoolConfig, shared: Adapter | undefined): ResolvedPool {
  const path = `pools.${name}`
  const key = (field: string): string => `${path}.${field}`
  checkKeys(pool, poolKeys, path)
  const { affinity = "hint", profile = "process" } = pool
  checkAffinity(affinity, key("affinity"))
  if (profile !== "process" && profile !== "thread" && profile !== "auto")
    throw mustBe(key("profile"), '"process", "thread" or "auto"', profile)
  return {
    name,
    adapter: checkAdapter(pool.adapter ?? shared),
    affinity,
    profile,
    threads: integer(pool.threads ?? 16, key("threads"), 1, 1024),
    size: integer(pool.size ?? availableParallelism() * 2, key("size"), 1, 1000),
    maxQueue: integer(pool.maxQueue ?? 1000, key("maxQueue"), 0, 1_000_000),
    queueTimeoutMs: toMillis(pool.queueTimeout ?? 5000, key("queueTimeout")),
    startTimeoutMs: toMillis(pool.startTimeout ?? 20_000, key("startTimeout")),
    startConcurrency: integer(pool.startConcurrency ?? 8, key("startConcurrency"), 1, 1000),
    cancelGraceMs: toMillis(pool.cancelGrace ?? 2000, key("cancelGrace")),
    ...resolveReliability(pool, path),
  }
}

function checkAdapter(adapter: Adapter | undefined): Adapter {
  if (adapter === undefined)
    throw invalid("adapter", "is missing; for Python: python() of @snakepit/python-bridge")
  if (typeof adapter?.launch !== "function")
    throw mustBe("adapter", "an adapter, such as python() of @snakepit/python-bridge gives", adapter)
  return adapter
}
