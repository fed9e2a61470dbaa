import { describe, expect, test } from "vitest"
import { defineAdapter } from "../src/index.js"
import { inProcess } from "../src/testing.js"
import { gate, start, type Tools } from "./testing/helpers.js"

async function* endless() {
  for (let n = 0; ; n++) yield n
}

describe("infinite times", () => {
  test("are as long as they say", async () => {
    const pool = { size: 1, startTimeout: Infinity, cancelGrace: Infinity, queueTimeout: Infinity }
    await using pit = await start({ ping: () => "pong" }, { pool })
    expect(await pit.execute("ping", {}, { timeout: Infinity })).toBe("pong")
  })

  test("let open calls end before a pool closes", async () => {
    const working = gate()
    const pit = await start({ work: () => working.passed.then(() => "done") })
    const call = pit.execute("work")
    const closed = pit.close({ grace: Infinity })
    working.open()
    expect(await call).toBe("done")
    await closed
  })
})

describe("a stream", () => {
  test("is stopped when a hook of the adapter fails; the error says where", async () => {
    const adapter = defineAdapter({
      ...inProcess({ tools: { endless, ping: () => "pong" } }),
      processResponse: (tool: string, value: unknown) => {
        if (tool === "endless" && value === 2) throw new RangeError("not two")
        return value
      },
    })
    await using pit = await start({}, { adapter })
    const seen: unknown[] = []
    const failure = await pit
      .executeStream("endless", {}, ({ data }) => seen.push(data))
      .catch((error) => error)
    expect(failure).toBeInstanceOf(RangeError)
    expect(failure.stack).toContain("processResponse")
    expect(seen).toEqual([0, 1])
    expect(await pit.execute("ping")).toBe("pong")
  })

  test("that is aborted delivers nothing more, though more has arrived", async () => {
    await using pit = await start({ endless })
    const control = new AbortController()
    const stream = pit.stream("endless", {}, { signal: control.signal })
    await stream.next()
    control.abort()
    await expect(stream.next()).rejects.toMatchObject({ _tag: "CallCancelled" })
  })

  test("ends with the pool", async () => {
    const pit = await start({ endless })
    const stream = pit.stream("endless")
    await stream.next()
    await pit.close({ grace: 0 })
    await expect(stream.next()).rejects.toMatchObject({ _tag: "PoolClosed" })
  })
})

describe("what a callback leaves behind", () => {
  test("is on its own when the callback is over: no deadline, no session, no parent", async () => {
    const over = gate()
    const late = gate<unknown>()
    const tools: Tools = {
      asks: (_args, { callHostTool }) => callHostTool("starts"),
      session: (_args, { session }) => session ?? null,
    }
    await using pit = await start(tools)
    pit.tools.register("starts", () => {
      void over.passed.then(() => late.open(pit.execute("session")))
      return "started"
    })
    expect(await pit.execute("asks", {}, { session: "s", timeout: 1000 })).toBe("started")
    over.open()
    expect(await late.passed).toBe(null)
  })

  test("cannot speak in its name", async () => {
    const kept = gate<(tool: string) => Promise<unknown>>()
    await using pit = await start({ asks: (_args, { callHostTool }) => callHostTool("keeps") })
    pit.tools.register("keeps", (_args, context) => kept.open((tool) => context.execute(tool)))
    await pit.execute("asks")
    const execute = await kept.passed
    await expect(execute("asks")).rejects.toMatchObject({ _tag: "CallCancelled" })
  })
})

test("a second close may give open calls less time than the first", async () => {
  const pit = await start({ endless: () => new Promise<never>(() => {}) })
  const call = pit.execute("endless").catch((error) => error)
  const closed = pit.close({ grace: Infinity })
  await pit.close({ grace: 0 })
  await closed
  expect(await call).toMatchObject({ _tag: "PoolClosed" })
})

test("a second close may give workers less time to end than the first", async () => {
  const pool = { size: 1, cancelGrace: Infinity }
  const pit = await start({ endless: () => new Promise<never>(() => {}) }, { pool })
  const control = new AbortController()
  const call = pit.execute("endless", {}, { signal: control.signal }).catch((error) => error)
  control.abort()
  expect(await call).toMatchObject({ _tag: "CallCancelled" })
  const closed = pit.close({ grace: Infinity })
  await expect.poll(() => pit.workers()).toMatchObject([{ state: "draining" }])
  await pit.close({ grace: 0 })
  await closed
})

describe("a pool that waits for its first worker only", () => {
  /** Starts of workers by number, of which some fail. */
  const failing = (fails: (launch: number) => boolean) => {
    let launched = 0
    const tools = inProcess({ tools: { ping: () => "pong" } })
    return defineAdapter({
      name: "failing",
      launch: (context) => {
        launched += 1
        if (fails(launched)) throw new Error("not now")
        return tools.launch(context)
      },
    })
  }
  const pool = { size: 3, restart: { minDelay: 1 }, recycle: { maxRequests: 1 }, breaker: { failures: 1 } }

  test("is ready when all are up, though one could not start at first", async () => {
    const pit = await start({}, { adapter: failing((launch) => launch === 2), pool, waitFor: "first" })
    await pit.ready()
    expect(pit.stats().workers).toBe(3)
  })

  test("is rejected when none could start, once", async () => {
    await expect(start({}, { adapter: failing(() => true), pool, waitFor: "first" })).rejects.toMatchObject({
      _tag: "StartFailed",
    })
  })

  test("accepts calls as before when a worker that is well cannot be replaced", async () => {
    const pit = await start({}, { adapter: failing((launch) => launch > 3), pool })
    const failed = pit.once("snakepit.worker.start_failed")
    await pit.execute("ping")
    await failed
    expect(pit.stats().pools.default?.breaker).toBe("closed")
    expect(await pit.execute("ping")).toBe("pong")
  })
})

test("ready() settles when the pool is closed before all workers are up", async () => {
  let launched = 0
  const tools = inProcess({ tools: {} })
  const adapter = defineAdapter({
    name: "one of two",
    launch: (context) => {
      launched += 1
      return launched === 1 ? tools.launch(context) : new Promise<never>(() => {})
    },
  })
  const pit = await start({}, { adapter, pool: { size: 2 }, waitFor: "first" })
  const ready = pit.ready().catch((error) => error)
  await pit.close()
  expect(await ready).toMatchObject({ _tag: "StartFailed", reason: "closed" })
})
