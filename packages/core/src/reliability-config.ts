import { type DurationInput, toMillis } from "./client/call-options.js"
import { checkKeys, integer, type KnownKeys, mustBe } from "./config-checks.js"
import type {
  BreakerPolicy,
  CrashBarrierPolicy,
  Policies,
  RecyclePolicy,
  RestartPolicy,
  RetryPolicy,
} from "./pool/supervisor/policies.js"
import type { HeartbeatPolicy, PingTarget } from "./worker/heartbeat-policy.js"

/** How a pool finds out that a worker does not answer any more. A worker that runs a call is not killed for being silent. */
export interface HeartbeatConfig {
  /** Time between pings. Default 2 s. */
  readonly interval?: DurationInput
  /** How long an answer may take. Default 10 s. */
  readonly timeout?: DurationInput
  /** Misses in a row after which something is done. Default 3. */
  readonly maxMissed?: number
  /** Kill and replace an idle worker that does not answer; else only report it. Default true. */
  readonly dependent?: boolean
  /** In place of the protocol's own ping; one that rejects counts as missed. */
  readonly ping?: (worker: PingTarget) => Promise<unknown>
}

/** When workers are replaced though nothing is wrong with them. Each limit is off by default. */
export interface RecycleConfig {
  /** Age of a worker. */
  readonly ttl?: DurationInput
  /** Calls that a worker has answered. */
  readonly maxRequests?: number
  /** Memory of a worker's process and its children, in MiB. */
  readonly maxMemoryMb?: number
  /** By how much the limits differ from worker to worker, so that they do not go together: 0 to 1. Default 0.1. */
  readonly jitter?: number
  /** How often the memory is looked at. Default 30 s. */
  readonly checkInterval?: DurationInput
}

/** How fast workers that have ended are replaced. */
export interface RestartConfig {
  /** Replacements within `period` that start at once. Default 3. */
  readonly intensity?: number
  /** Default 5 s. */
  readonly period?: DurationInput
  /** The wait before further ones doubles from here … Default 100 ms. */
  readonly minDelay?: DurationInput
  /** … up to here. Default 5 s. */
  readonly maxDelay?: DurationInput
}

/** When calls are refused for a while because workers keep failing. */
export interface BreakerConfig {
  /** Failures in a row that open it. Default 5. */
  readonly failures?: number
  /** How long it stays open. Default 30 s. */
  readonly cooldown?: DurationInput
  /** Calls that are let through afterwards, to try. Default 1. */
  readonly halfOpen?: number
}

/** How calls with `idempotent: true` are made again. */
export interface RetryConfig {
  /** All attempts together. Default 3; 1 switches retries off. */
  readonly attempts?: number
  /** The wait doubles from here … Default 100 ms. */
  readonly minDelay?: DurationInput
  /** … up to here. Default 30 s. */
  readonly maxDelay?: DurationInput
}

/** What keeps one bad call from spoiling others. */
export interface CrashBarrierConfig {
  /** Types of tool errors after which a worker is replaced, for instance `["torch.cuda.OutOfMemoryError"]`. Default none. */
  readonly taintOn?: readonly string[]
  /** Workers that the calls of one session may crash within `period`; then the session is refused. Default 3. */
  readonly sessionCrashes?: number
  /** Default 60 s. */
  readonly period?: DurationInput
}

/** The part of a pool's configuration that is about failures. */
export interface ReliabilityConfig {
  /** Default: on. */
  readonly heartbeat?: HeartbeatConfig | false
  /** Default: never. */
  readonly recycle?: RecycleConfig
  readonly restart?: RestartConfig
  /** Default: off. */
  readonly breaker?: BreakerConfig | boolean
  readonly retry?: RetryConfig
  /** Default: on. */
  readonly crashBarrier?: CrashBarrierConfig | false
}

/** The most that anything is counted to. */
const many = 1_000_000

/** Fills in defaults. @param path of the pool. @throws {InvalidConfig} naming the key that is wrong. */
export function resolveReliability(config: ReliabilityConfig, path: string): Policies {
  const { heartbeat = {}, breaker = false, crashBarrier = {} } = config
  return {
    heartbeat: heartbeat === false ? undefined : resolveHeartbeat(heartbeat, `${path}.heartbeat`),
    recycle: resolveRecycle(config.recycle ?? {}, `${path}.recycle`),
    restart: resolveRestart(config.restart ?? {}, `${path}.restart`),
    breaker:
      breaker === false ? undefined : resolveBreaker(breaker === true ? {} : breaker, `${path}.breaker`),
    retry: resolveRetry(config.retry ?? {}, `${path}.retry`),
    crashBarrier: crashBarrier === false ? undefined : resolveBarrier(crashBarrier, `${path}.crashBarrier`),
  }
}

const heartbeatKeys: KnownKeys<HeartbeatConfig> = {
  interval: true,
  timeout: true,
  maxMissed: true,
  dependent: true,
  ping: true,
}

function resolveHeartbeat(config: HeartbeatConfig, path: string): HeartbeatPolicy {
  checkKeys(config, heartbeatKeys, path)
  const { dependent = true, ping } = config
  if (typeof dependent !== "boolean") throw mustBe(`${path}.dependent`, "true or false", dependent)
  if (ping !== undefined && typeof ping !== "function") throw mustBe(`${path}.ping`, "a function", ping)
  return {
    intervalMs: positive(config.interval ?? 2000, `${path}.interval`),
    timeoutMs: positive(config.timeout ?? 10_000, `${path}.timeout`),
    maxMissed: integer(config.maxMissed ?? 3, `${path}.maxMissed`, 1, many),
    dependent,
    ping,
  }
}

const recycleKeys: KnownKeys<RecycleConfig> = {
  ttl: true,
  maxRequests: true,
  maxMemoryMb: true,
  jitter: true,
  checkInterval: true,
}

function resolveRecycle(config: RecycleConfig, path: string): RecyclePolicy {
  checkKeys(config, recycleKeys, path)
  const { ttl, maxRequests, maxMemoryMb, jitter = 0.1 } = config
  if (typeof jitter !== "number" || !(jitter >= 0 && jitter <= 1))
    throw mustBe(`${path}.jitter`, "a number from 0 to 1", jitter)
  return {
    ttlMs: ttl === undefined ? undefined : positive(ttl, `${path}.ttl`),
    maxRequests:
      maxRequests === undefined
        ? undefined
        : integer(maxRequests, `${path}.maxRequests`, 1, Number.MAX_SAFE_INTEGER),
    maxMemoryBytes:
      maxMemoryMb === undefined
        ? undefined
        : integer(maxMemoryMb, `${path}.maxMemoryMb`, 1, 2 ** 30) * 1024 * 1024,
    jitter,
    checkIntervalMs: positive(config.checkInterval ?? 30_000, `${path}.checkInterval`),
  }
}

const restartKeys: KnownKeys<RestartConfig> = {
  intensity: true,
  period: true,
  minDelay: true,
  maxDelay: true,
}

function resolveRestart(config: RestartConfig, path: string): RestartPolicy {
  checkKeys(config, restartKeys, path)
  return {
    intensity: integer(config.intensity ?? 3, `${path}.intensity`, 0, many),
    periodMs: positive(config.period ?? 5000, `${path}.period`),
    ...delays(config, 100, 5000, path),
  }
}

const breakerKeys: KnownKeys<BreakerConfig> = { failures: true, cooldown: true, halfOpen: true }

function resolveBreaker(config: BreakerConfig, path: string): BreakerPolicy {
  checkKeys(config, breakerKeys, path)
  return {
    failures: integer(config.failures ?? 5, `${path}.failures`, 1, many),
    cooldownMs: positive(config.cooldown ?? 30_000, `${path}.cooldown`),
    halfOpen: integer(config.halfOpen ?? 1, `${path}.halfOpen`, 1, many),
  }
}

const retryKeys: KnownKeys<RetryConfig> = { attempts: true, minDelay: true, maxDelay: true }

function resolveRetry(config: RetryConfig, path: string): RetryPolicy {
  checkKeys(config, retryKeys, path)
  return {
    attempts: integer(config.attempts ?? 3, `${path}.attempts`, 1, 100),
    ...delays(config, 100, 30_000, path),
  }
}

const barrierKeys: KnownKeys<CrashBarrierConfig> = { taintOn: true, sessionCrashes: true, period: true }

function resolveBarrier(config: CrashBarrierConfig, path: string): CrashBarrierPolicy {
  checkKeys(config, barrierKeys, path)
  const { taintOn = [] } = config
  if (!Array.isArray(taintOn) || !taintOn.every((type) => typeof type === "string"))
    throw mustBe(`${path}.taintOn`, "a list of names of exceptions", taintOn)
  return {
    taintOn: new Set(taintOn),
    sessionCrashes: integer(config.sessionCrashes ?? 3, `${path}.sessionCrashes`, 1, many),
    periodMs: positive(config.period ?? 60_000, `${path}.period`),
  }
}

interface Delays {
  readonly minDelay?: DurationInput
  readonly maxDelay?: DurationInput
}

function delays({ minDelay, maxDelay }: Delays, least: number, longest: number, path: string) {
  const minDelayMs = toMillis(minDelay ?? least, `${path}.minDelay`)
  const maxDelayMs = toMillis(maxDelay ?? Math.max(longest, minDelayMs), `${path}.maxDelay`)
  if (maxDelayMs < minDelayMs) throw mustBe(`${path}.maxDelay`, "at least minDelay", maxDelay)
  return { minDelayMs, maxDelayMs }
}

function positive(input: DurationInput, key: string): number {
  const ms = toMillis(input, key)
  if (ms > 0) return ms
  throw mustBe(key, "longer than nothing", input)
}
