import type { Adapter } from "./adapter/adapter.js"
import { checkKeys, checkObject, integer, invalid, type KnownKeys, mustBe } from "./config-checks.js"
import { type InstanceConfig, type ResolvedInstance, resolveInstance } from "./instance-config.js"
import { type PoolConfig, type ResolvedPool, resolvePool } from "./pool-config.js"
import { defaultLimits, type Limits } from "./protocol/limits.js"
import { type ResolvedSessions, resolveSessions, type SessionsConfig } from "./session-config.js"
import { isLogLevel, type LoggerOption } from "./telemetry/logger.js"
import type { Transport } from "./transport/transport.js"

export interface SnakepitConfig {
  /** How workers are launched, for instance `python({ adapter: "my_adapter:MyAdapter" })`. */
  readonly adapter?: Adapter
  /** Best first: each worker takes the first one that it can use. `SNAKEPIT_TRANSPORTS` overrides the order. */
  readonly transports: readonly Transport[]
  /** The one pool, named `default`. */
  readonly pool?: PoolConfig
  /** Several pools by name; a call chooses one with `{ pool: "name" }`. */
  readonly pools?: { readonly [name: string]: PoolConfig }
  /** Where log lines of workers go. Default: level `info` and up, to stderr. */
  readonly logger?: LoggerOption
  readonly limits?: Partial<Limits>
  /** Resolve the start when all workers are up, or the first of each pool. Default `all`. */
  readonly waitFor?: "all" | "first"
  /** How long sessions live, how many there may be, and where their contents are kept. */
  readonly sessions?: SessionsConfig
  /** Whose workers these are, so that what a killed program left behind is ended at the next start. */
  readonly instance?: InstanceConfig | false
  /** Close the pools on SIGINT and SIGTERM, then let the signal act. Default false; `Snakepit.run` does it always. */
  readonly handleSignals?: boolean
}

export interface ResolvedConfig {
  readonly transports: readonly Transport[]
  readonly pools: readonly ResolvedPool[]
  readonly logger: LoggerOption
  readonly limits: Limits
  readonly waitFor: "all" | "first"
  readonly sessions: ResolvedSessions
  readonly instance: ResolvedInstance | undefined
}

/** Checks a configuration where it is written, for instance in `snakepit.config.js`. */
export function defineConfig<const C extends SnakepitConfig>(config: C): C {
  return config
}

const configKeys: KnownKeys<SnakepitConfig> = {
  adapter: true,
  transports: true,
  pool: true,
  pools: true,
  logger: true,
  limits: true,
  waitFor: true,
  sessions: true,
  instance: true,
  handleSignals: true,
}

const limitKeys: KnownKeys<Limits> = {
  maxFrameBytes: true,
  maxAttachmentBytes: true,
  maxDepth: true,
  maxInFlight: true,
}

/** Fills in defaults. @throws {InvalidConfig} naming the key that is wrong. */
export function resolveConfig(config: SnakepitConfig, env: NodeJS.ProcessEnv): ResolvedConfig {
  checkKeys(config, configKeys, "")
  if (config.pool !== undefined && config.pools !== undefined) {
    throw invalid("pools", "give either `pool` or `pools`, not both")
  }
  checkObject(config.pools ?? {}, "pools")
  const pools = Object.entries(config.pools ?? { default: config.pool ?? {} })
  if (pools.length === 0) throw invalid("pools", "names no pool")
  const { logger = "info", waitFor = "all", handleSignals = false } = config
  if (logger !== false && typeof logger !== "function" && !isLogLevel(logger))
    throw mustBe("logger", "false, a function, debug, info, warn or error", logger)
  if (waitFor !== "all" && waitFor !== "first") throw mustBe("waitFor", '"all" or "first"', waitFor)
  if (typeof handleSignals !== "boolean") throw mustBe("handleSignals", "true or false", handleSignals)
  return {
    transports: orderTransports(checkTransports(config.transports), env.SNAKEPIT_TRANSPORTS),
    pools: pools.map(([name, pool]) => resolvePool(name, pool, config.adapter)),
    logger,
    limits: resolveLimits(config.limits ?? {}),
    waitFor,
    sessions: resolveSessions(config.sessions ?? {}),
    instance: config.instance === false ? undefined : resolveInstance(config.instance ?? {}),
  }
}

function checkTransports(transports: readonly Transport[]): readonly Transport[] {
  const example = "for instance [json()] of @snakepit/transport-json"
  if (!Array.isArray(transports)) throw mustBe("transports", `a list of transports, ${example}`, transports)
  if (transports.length === 0) throw invalid("transports", `is empty; ${example}`)
  for (const [index, transport] of transports.entries())
    if (typeof transport?.open !== "function")
      throw mustBe(`transports[${index}]`, "a transport, such as json() gives", transport)
  return transports
}

/** The list as written, or as `SNAKEPIT_TRANSPORTS=msgpack,json` picks and orders it. */
function orderTransports(transports: readonly Transport[], chosen: string | undefined): readonly Transport[] {
  if (chosen === undefined || chosen.trim() === "") return transports
  return chosen.split(",").map((part) => {
    const name = part.trim()
    const transport = transports.find((candidate) => candidate.name === name)
    if (transport !== undefined) return transport
    const names = transports.map((candidate) => candidate.name).join(", ")
    throw invalid("SNAKEPIT_TRANSPORTS", `names "${name}", but this program has only ${names}`)
  })
}

function resolveLimits(limits: Partial<Limits>): Limits {
  checkKeys(limits, limitKeys, "limits")
  const resolved = { ...defaultLimits, ...limits }
  integer(resolved.maxFrameBytes, "limits.maxFrameBytes", 1024, 512 * 1024 * 1024 - 1)
  integer(resolved.maxAttachmentBytes, "limits.maxAttachmentBytes", 0, 2 ** 32)
  integer(resolved.maxDepth, "limits.maxDepth", 1, 1000)
  integer(resolved.maxInFlight, "limits.maxInFlight", 1, 1024)
  return resolved
}
