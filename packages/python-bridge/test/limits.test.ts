import { existsSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Snakepit, type Transport } from "@snakepit/core"
import { json } from "@snakepit/transport-json"
import { describe, expect, onTestFinished, test } from "vitest"
import { collect, config, errorOf, folder, Records, start, tools, until } from "./helpers.js"

/** A call that keeps the only worker busy until it is released. */
async function blocked(pit: Snakepit): Promise<{ release(): void; readonly call: Promise<unknown> }> {
  const [begun, released] = [join(await folder(), "begun"), join(await folder(), "released")]
  const call = pit.execute("wait_for", { path: released, touch: begun })
  await until(() => existsSync(begun))
  return { call, release: () => writeFileSync(released, "") }
}

describe("the queue", () => {
  test("refuses what is beyond maxQueue at once, and serves what it took", async () => {
    const pit = await start("basic:Basic", { maxQueue: 3 })
    const saturated: object[] = []
    pit.on("snakepit.pool.saturated", (event) => saturated.push(event))
    const { call, release } = await blocked(pit)
    const queued = [1, 2, 3].map((value) => pit.execute("echo", { value }))
    const error = await errorOf(pit.execute("echo", { value: 4 }))
    expect(error).toMatchObject({ _tag: "PoolSaturated", pool: "default", queued: 3, maxQueue: 3 })
    expect(error.message).toContain("3 calls wait for 1 workers (maxQueue is 3)")
    expect(await errorOf(pit.stream("count", { n: 1 }).next())).toMatchObject({ _tag: "PoolSaturated" })
    expect(saturated).toHaveLength(2)
    expect(saturated[0]).toMatchObject({
      measurements: { queueSize: 3, maxQueueSize: 3 },
      metadata: { pool: "default", availableWorkers: 0, busyWorkers: 1 },
    })
    release()
    expect(await Promise.all([call, ...queued])).toEqual(["seen", 1, 2, 3])
    expect(pit.stats()).toMatchObject({ poolSaturated: 2, requests: 4, queued: 0 })
  })

  test("of no length at all still takes what a worker is free for", async () => {
    const pit = await start("basic:Basic", { maxQueue: 0, size: 2 })
    const first = await blocked(pit)
    const second = await blocked(pit)
    expect(await errorOf(pit.execute("pid"))).toMatchObject({ _tag: "PoolSaturated" })
    first.release()
    second.release()
    expect(await Promise.all([first.call, second.call])).toEqual(["seen", "seen"])
    expect(await pit.execute("echo", { value: 1 })).toBe(1)
  })

  test("gives a call up after queueTimeout, the pool's or its own; it never starts", async () => {
    const pit = await start("basic:Basic", { queueTimeout: 150 })
    const timeouts: object[] = []
    pit.on("snakepit.queue.timeout", (event) => timeouts.push(event))
    const { call, release } = await blocked(pit)
    const patient = pit.execute("served", {}, { queueTimeout: Infinity })
    const errors = await Promise.all([
      errorOf(pit.execute("served")),
      errorOf(pit.execute("served", {}, { queueTimeout: "50 millis" })),
    ])
    for (const error of errors) {
      expect(error).toMatchObject({ _tag: "QueueTimeout", pool: "default", tool: "served" })
      expect(error.message).toMatch(/"served" waited \d+ ms for a worker of pool "default" \(queueTimeout\)/)
    }
    release()
    expect(await call).toBe("seen")
    // Were one of them served, too, this would not be the first.
    expect(await patient).toBe(1)
    expect(await pit.execute("served")).toBe(2)
    expect(pit.stats()).toMatchObject({ queueTimeouts: 2, errors: 2 })
    expect(timeouts).toHaveLength(2)
    expect(timeouts[0]).toMatchObject({ metadata: { pool: "default", tool: "served" } })
  })
})

describe("a call's time", () => {
  test("is over while it waits: it never starts", async () => {
    const pit = await start("basic:Basic")
    const { call, release } = await blocked(pit)
    const error = await errorOf(pit.execute("served", {}, { timeout: 50 }))
    expect(error).toMatchObject({ _tag: "CallTimeout", tool: "served", timeoutMs: 50 })
    release()
    await call
    expect(await pit.execute("served")).toBe(1)
  })

  test("is over before it left the queue, and says so", async () => {
    const pit = await start("basic:Basic", {}, { limits: { maxInFlight: 1 } })
    const { call, release } = await blocked(pit)
    const error = await errorOf(pit.execute("served", {}, { timeout: 50 }))
    expect(error).toMatchObject({ _tag: "CallTimeout", started: false })
    expect(error.message).toBe('"served" did not end within 50 ms and had not started')
    release()
    await call
  })

  test("is over while a worker that the host cannot stop holds it: the worker itself does not start it", async () => {
    const pit = await start("basic:Basic")
    const pid = await pit.execute<number>("pid")
    process.kill(pid, "SIGSTOP")
    onTestFinished(() => void process.kill(pid, "SIGCONT"))
    const error = await errorOf(pit.execute("served", {}, { timeout: 100 }))
    expect(error).toMatchObject({ _tag: "CallTimeout", started: true })
    process.kill(pid, "SIGCONT")
    expect(await pit.execute("served")).toBe(1)
    expect(await pit.execute("pid")).toBe(pid)
  })

  test("counts the consumption of a stream, too", async () => {
    const pit = await start("basic:Basic")
    const stream = pit.stream("count", { n: 3 }, { timeout: 100, credit: 1 })
    expect(await stream.next()).toMatchObject({ value: { data: 0 } })
    const ended = new Promise((resolve) => pit.on("snakepit.request.executed", resolve))
    expect(await ended).toMatchObject({ metadata: { command: "count", success: false } })
    expect(await errorOf(collect(stream))).toMatchObject({ _tag: "CallTimeout" })
  })

  test("is inherited by what it calls back", async () => {
    const pit = await start("basic:Basic", { size: 2 })
    let nested: Promise<Error & Record<string, unknown>> | undefined
    pit.tools.register("nest", () => {
      nested = errorOf(pit.execute("nap", { seconds: 60 }, { timeout: "1 hour" }))
      return nested
    })
    expect(await errorOf(pit.execute("host", { tool: "nest" }, { timeout: 200 }))).toMatchObject({
      _tag: "CallTimeout",
    })
    expect(["CallTimeout", "CallCancelled"]).toContain((await nested)?._tag)
    expect(await pit.execute("echo", { value: 1 })).toBe(1)
  })

  test.each([-1, "soon", Number.NaN])("must be one: %s is refused", async (timeout) => {
    const pit = await start("basic:Basic")
    const error = await errorOf(pit.execute("pid", {}, { timeout: timeout as number }))
    expect(error).toMatchObject({ _tag: "InvalidConfig", key: "timeout" })
    expect(pit.stats().requests).toBe(0)
  })
})

test("several pools have their own workers, adapters and limits", async () => {
  const pit = await start(
    "basic:Basic",
    {},
    { pools: { api: { size: 2 }, compute: { size: 1, adapter: tools("counting:Counting"), maxQueue: 1 } } },
  )
  expect(
    pit
      .workers()
      .map(({ id, pool, state }) => [id, pool, state])
      .sort(),
  ).toEqual([
    ["api-1", "api", "ready"],
    ["api-2", "api", "ready"],
    ["compute-1", "compute", "ready"],
  ])
  expect(await pit.execute("add", { a: 1 }, { pool: "compute" })).toBe(2.5)
  expect(await pit.execute("echo", { value: 1 }, { pool: "api" })).toBe(1)
  expect(await errorOf(pit.execute("echo", { value: 1 }, { pool: "compute" }))).toMatchObject({
    _tag: "UnknownTool",
  })
  const unknown = await errorOf(pit.execute("echo", { value: 1 }))
  expect(unknown).toMatchObject({ _tag: "InvalidConfig", key: "pool" })
  expect(unknown.message).toContain("api, compute")
  const { pools, ...total } = pit.stats()
  expect(total).toMatchObject({ workers: 3, requests: 2 })
  expect(pools.api).toMatchObject({ workers: 2, requests: 1 })
  expect(Object.keys(pit.tools.list().pools)).toEqual(["api", "compute"])
})

describe("SNAKEPIT_TRANSPORTS", () => {
  function chosen(value: string): void {
    const before = process.env.SNAKEPIT_TRANSPORTS
    process.env.SNAKEPIT_TRANSPORTS = value
    onTestFinished(() => {
      if (before === undefined) delete process.env.SNAKEPIT_TRANSPORTS
      else process.env.SNAKEPIT_TRANSPORTS = before
    })
  }

  test("chooses among those that the program has", async () => {
    chosen(" json ")
    const pigeon: Transport = { name: "pigeon", open: () => Promise.reject(new Error("must not be used")) }
    const pit = await start("basic:Basic", {}, { transports: [pigeon, json()] })
    expect(pit.workers()).toMatchObject([{ transport: "json" }])
  })

  test("that names another one is refused, naming those there are", async () => {
    chosen("msgpack,json")
    const error = await errorOf(Snakepit.start(config("basic:Basic")))
    expect(error).toMatchObject({ _tag: "InvalidConfig", key: "SNAKEPIT_TRANSPORTS" })
    expect(error.message).toContain('names "msgpack", but this program has only json')
  })
})

test.each<[string, object]>([
  ["transports", { transports: [] }],
  ["adapter", { adapter: undefined }],
  ["pools", { pool: {}, pools: {} }],
  ["pools.default.size", { pool: { size: 0 } }],
  ["pools.default.maxQueue", { pool: { maxQueue: 1.5 } }],
  ["pools.default.queueTimeout", { pool: { queueTimeout: "often" } }],
  ["limits.maxDepth", { limits: { maxDepth: 0 } }],
  ["logger", { logger: "loud" }],
])("a configuration that is wrong about %s is refused by that name", async (key, wrong) => {
  const error = await errorOf(Snakepit.start({ ...config("basic:Basic"), ...wrong }))
  expect(error).toMatchObject({ _tag: "InvalidConfig", key })
  expect(error.message).toContain(key)
  expect(error.stack).toContain("limits.test.ts")
})

test("the log level that nobody wants is not even sent", async () => {
  const records = new Records()
  const pit = await start("basic:Basic", {}, { logger: records.logger })
  await pit.execute("say", { text: "seen", level: "debug" })
  expect(await records.saying("seen")).toMatchObject({ level: "debug", logger: "basic", source: "log" })
  const silent = await start("basic:Basic", {}, { logger: false })
  const heard: string[] = []
  silent.on("snakepit.log", ({ metadata }) => heard.push(metadata.message))
  await silent.execute("say", { text: "unheard", level: "debug" })
  await silent.execute("say", { text: "heard by a listener", level: "info" })
  expect(heard).toEqual(["heard by a listener"])
})
