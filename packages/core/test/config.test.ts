import { describe, expect, test } from "vitest"
import { defineConfig, resolveConfig, type SnakepitConfig } from "../src/config.js"
import { defineAdapter, InvalidConfig, type Transport } from "../src/index.js"

const adapter = defineAdapter({ name: "none", launch: () => ({ executable: "none", args: [] }) })

function transport(name: string): Transport {
  return { name, open: () => Promise.reject(new Error("not to be opened")) }
}

const base = { adapter, transports: [transport("msgpack"), transport("json")] }
const resolve = (config: Partial<SnakepitConfig>, env: NodeJS.ProcessEnv = {}) =>
  resolveConfig({ ...base, ...config }, env)

function problemOf(config: Partial<SnakepitConfig>, env?: NodeJS.ProcessEnv): InvalidConfig {
  try {
    resolve(config, env)
  } catch (error) {
    if (error instanceof InvalidConfig) return error
    throw error
  }
  throw new Error("the configuration was accepted")
}

describe("a configuration", () => {
  test("is filled in with the documented defaults", () => {
    expect(resolve({ pool: { size: 3 } }).pools).toEqual([
      {
        name: "default",
        adapter,
        size: 3,
        maxQueue: 1000,
        queueTimeoutMs: 5000,
        startTimeoutMs: 20_000,
        startConcurrency: 8,
        cancelGraceMs: 2000,
        affinity: "hint",
        profile: "process",
        threads: 16,
        heartbeat: {
          intervalMs: 2000,
          timeoutMs: 10_000,
          maxMissed: 3,
          dependent: true,
          ping: undefined,
        },
        recycle: {
          ttlMs: undefined,
          maxRequests: undefined,
          maxMemoryBytes: undefined,
          jitter: 0.1,
          checkIntervalMs: 30_000,
        },
        restart: { intensity: 3, periodMs: 5000, minDelayMs: 100, maxDelayMs: 5000 },
        breaker: undefined,
        retry: { attempts: 3, minDelayMs: 100, maxDelayMs: 30_000 },
        crashBarrier: { taintOn: new Set(), sessionCrashes: 3, periodMs: 60_000 },
      },
    ])
  })

  test("switches parts of the reliability on and off", () => {
    const { pools } = resolve({
      pool: {
        heartbeat: false,
        breaker: true,
        crashBarrier: false,
        recycle: { maxMemoryMb: 2, ttl: "1 hour" },
      },
    })
    expect(pools[0]).toMatchObject({
      heartbeat: undefined,
      breaker: { failures: 5, cooldownMs: 30_000, halfOpen: 1 },
      crashBarrier: undefined,
      recycle: { maxMemoryBytes: 2 * 1024 * 1024, ttlMs: 3_600_000 },
    })
  })

  test("names its instance, or has none", () => {
    expect(resolve({}).instance).toEqual({ name: "default", token: "", directory: undefined })
    expect(resolve({ instance: { name: "api", token: "t" } }).instance).toMatchObject({
      name: "api",
      token: "t",
    })
    expect(resolve({ instance: false }).instance).toBeUndefined()
  })

  test("may name several pools, each with an adapter of its own", () => {
    const other = defineAdapter({ name: "other", launch: () => ({ executable: "other", args: [] }) })
    const { pools } = resolve({ pools: { cpu: { size: 1 }, gpu: { size: 2, adapter: other } } })
    expect(pools.map(({ name, size, adapter: { name: kind } }) => [name, size, kind])).toEqual([
      ["cpu", 1, "none"],
      ["gpu", 2, "other"],
    ])
  })

  test("takes durations as numbers, texts and Infinity", () => {
    const { pools } = resolve({
      pool: { queueTimeout: "2 minutes", startTimeout: 50, cancelGrace: Infinity },
    })
    expect(pools[0]).toMatchObject({ queueTimeoutMs: 120_000, startTimeoutMs: 50, cancelGraceMs: Infinity })
  })

  test("keeps its literal types", () => {
    const config = defineConfig({ ...base, waitFor: "first" })
    const waitFor: "first" = config.waitFor
    expect(waitFor).toBe("first")
  })

  test.each<[string, Partial<SnakepitConfig>]>([
    ["pools", { pool: {}, pools: { a: {} } }],
    ["pools", { pools: {} }],
    ["transports", { transports: [] }],
    ["pools.default.size", { pool: { size: 0 } }],
    ["pools.default.size", { pool: { size: 1.5 } }],
    ["pools.a.maxQueue", { pools: { a: { maxQueue: -1 } } }],
    ["pools.default.queueTimeout", { pool: { queueTimeout: "soon" as "1 second" } }],
    ["pools.default.startTimeout", { pool: { startTimeout: Number.NaN } }],
    ["limits.maxDepth", { limits: { maxDepth: 0 } }],
    ["pools.default.profile", { pool: { profile: "threads" as "thread" } }],
    ["pools.default.threads", { pool: { threads: 0 } }],
    ["pools.default.heartbeat.timeout", { pool: { heartbeat: { timeout: 0 } } }],
    ["pools.default.heartbeat.dependent", { pool: { heartbeat: { dependent: 1 as never } } }],
    ["pools.default.heartbeat.ping", { pool: { heartbeat: { ping: "ping" as never } } }],
    ["pools.default.recycle.jitter", { pool: { recycle: { jitter: 2 } } }],
    ["pools.default.recycle.maxRequests", { pool: { recycle: { maxRequests: 0 } } }],
    ["pools.default.restart.maxDelay", { pool: { restart: { minDelay: 10, maxDelay: 5 } } }],
    ["pools.default.breaker.failures", { pool: { breaker: { failures: 0 } } }],
    ["pools.default.retry.attempts", { pool: { retry: { attempts: 0 } } }],
    ["pools.default.crashBarrier.taintOn", { pool: { crashBarrier: { taintOn: "X" as never } } }],
    ["instance.name", { instance: { name: "../up" } }],
    ["instance.token", { instance: { token: 5 as never } }],
    ["instance.directory", { instance: { directory: "" } }],
    ["pools.default.queueTimeout", { pool: { queueTimeout: {} as number } }],
    ["pools.default.cancelGrace", { pool: { cancelGrace: [1, 2] as unknown as number } }],
    ["logger", { logger: "loud" as "info" }],
    ["logger", { logger: true as unknown as false }],
    ["waitFor", { waitFor: "some" as "all" }],
    ["handleSignals", { handleSignals: "yes" as unknown as boolean }],
    ["adapter", { adapter: "python" as unknown as typeof adapter }],
    ["transports", { transports: undefined as never }],
    ["transports", { transports: transport("json") as never }],
    ["transports[1]", { transports: [transport("json"), (() => transport("json")) as never] }],
    ["pools", { pools: 5 as never }],
    ["pools.a", { pools: { a: null as never } }],
  ])("that is wrong is refused by name: %s", (key, config) => {
    const problem = problemOf(config)
    expect(problem.key).toBe(key)
    expect(problem.message).toContain(key)
  })

  test.each<[string, object, string[]]>([
    ["poolSize", { poolSize: 4 }, ["did you mean pool or pools?", "the keys are adapter, handleSignals"]],
    ["pools.default.maxQue", { pool: { maxQue: 1 } }, ["did you mean maxQueue?"]],
    ["pools.a.startTimeOut", { pools: { a: { startTimeOut: 1 } } }, ["did you mean startTimeout?"]],
    ["limits.maxDeep", { limits: { maxDeep: 1 } }, ["did you mean maxDepth?"]],
    ["zzz", { zzz: undefined }, ["zzz is not known; the keys are"]],
  ])("refuses keys that it does not know, and offers those that come near: %s", (key, config, parts) => {
    const problem = problemOf(config)
    expect(problem.key).toBe(key)
    for (const part of parts) expect(problem.message).toContain(part)
  })

  test.each([undefined, null, 5, "config"])("must be an object, not %o", (config) => {
    expect(() => resolveConfig(config as never, {})).toThrow(InvalidConfig)
  })

  test("needs an adapter", () => {
    expect(() => resolveConfig({ transports: base.transports }, {})).toThrow(InvalidConfig)
  })
})

describe("SNAKEPIT_TRANSPORTS", () => {
  const namesWith = (value: string) =>
    resolve({}, { SNAKEPIT_TRANSPORTS: value }).transports.map(({ name }) => name)

  test("picks and orders", () => {
    expect(namesWith("json")).toEqual(["json"])
    expect(namesWith(" json , msgpack ")).toEqual(["json", "msgpack"])
    expect(namesWith("")).toEqual(["msgpack", "json"])
  })

  test("names only what the program has", () => {
    const { message } = problemOf({}, { SNAKEPIT_TRANSPORTS: "grpc" })
    expect(message).toContain('"grpc"')
    expect(message).toContain("msgpack, json")
  })
})
