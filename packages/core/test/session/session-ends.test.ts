import { describe, expect, onTestFinished, test } from "vitest"
import {
  CallCancelled,
  InvalidConfig,
  SessionQuotaExceeded,
  SessionWorkerUnavailable,
  Snakepit,
  type SnakepitConfig,
  UnknownSession,
} from "../../src/index.js"
import { inProcess, memory, type ToolFunction } from "../../src/testing.js"

/** Tools of one worker, which keeps something for each session until that ends. */
function makeTools(): { readonly [name: string]: ToolFunction } {
  const kept = new Map<string, number>()
  return {
    count: (_args, { session, onSessionEnd }) => {
      if (session === undefined) return 1
      if (!kept.has(session)) onSessionEnd(() => kept.delete(session))
      kept.set(session, (kept.get(session) ?? 0) + 1)
      return kept.get(session)
    },
    ask: ({ tool, args = {} }: { tool: string; args?: object }, { callHostTool }) =>
      callHostTool(tool, { ...args }),
    /** Goes on when it is told to stop, and then still calls back. */
    linger: async ({ tool, args }: { tool: string; args: object }, { callHostTool, signal }) => {
      await callHostTool("started")
      await new Promise((resolve) => signal.addEventListener("abort", resolve))
      return callHostTool(tool, { ...args })
    },
    wait: (_args, { signal }) =>
      new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
    crash: (_args, context) => context.crash(),
  }
}

async function start(more: Partial<SnakepitConfig> = {}): Promise<Snakepit> {
  const pit = await Snakepit.start({
    adapter: { name: "counting", launch: (context) => inProcess({ tools: makeTools() }).launch(context) },
    transports: [memory()],
    pool: { size: 1 },
    logger: false,
    ...more,
  })
  onTestFinished(() => pit.close({ grace: 0 }))
  return pit
}

describe("when a session ends", () => {
  test("under load, its worker lets go of it all the same, before a new one of its id begins", async () => {
    const pit = await start({ limits: { maxInFlight: 4 } })
    const session = pit.session("a")
    expect(await session.execute("count")).toBe(1)
    const calls = Array.from({ length: 20 }, () => session.execute("count").catch((error: unknown) => error))
    const others = Array.from({ length: 20 }, () => pit.execute("count"))
    await session.close()
    expect(await pit.session("a").execute("count")).toBe(1)
    expect((await Promise.all(calls)).some((outcome) => outcome instanceof CallCancelled)).toBe(true)
    expect(await Promise.all(others)).toHaveLength(20)
  })

  test("what its calls still do reaches no later session of the same id", async () => {
    const pit = await start({ pool: { size: 2 } })
    const started = new Promise<void>((resolve) => pit.tools.register("started", () => resolve()))
    const old = pit.session("a")
    await old.variables.register("x", "integer", 1)
    const lingering = old.execute("linger", {
      tool: "snakepit.variables.update",
      args: { updates: { x: 666 } },
    })
    await started
    await Promise.all([old.close(), expect(lingering).rejects.toThrow(CallCancelled)])
    const next = pit.session("a")
    await next.variables.register("x", "integer", 2)
    expect(await next.execute("count")).toBe(1)
    expect((await next.variables.get("x")).value).toBe(2)
  })

  test("a callback cannot begin it anew on the worker that waits for the callback, and hears why", async () => {
    const pit = await start()
    const first = pit.session("a")
    expect(await first.execute("count")).toBe(1)
    pit.tools.register("restart", async () => {
      await first.close()
      const outcome = await pit
        .session("a")
        .execute("count")
        .catch((error: unknown) => error)
      expect(outcome).toBeInstanceOf(SessionWorkerUnavailable)
      return pit.session("b").execute("count")
    })
    expect(await pit.execute("ask", { tool: "restart" })).toBe(1)
    expect(await pit.session("a").execute("count")).toBe(1)
  })

  test("a callback may end its own session, and begin it anew", async () => {
    const pit = await start()
    const outer = pit.session("a")
    const counted = new Promise((resolve) => {
      pit.tools.register("restart", () => {
        void outer.close()
        resolve(pit.session("a").execute("count"))
      })
    })
    expect(await outer.execute("count")).toBe(1)
    await expect(outer.execute("ask", { tool: "restart" })).rejects.toThrow(CallCancelled)
    expect(await counted).toBe(1)
  })

  test("its handle stands for no later one, nor does closing it twice end that", async () => {
    const pit = await start()
    const first = pit.session("a")
    await first.variables.register("x", "integer", 1)
    await first.close()
    const second = pit.session("a")
    await second.variables.register("x", "integer", 2)
    await first.close()
    expect((await second.variables.get("x")).value).toBe(2)
    expect(() => first.rebind()).toThrow(UnknownSession)
    await expect(first.variables.get("x")).rejects.toThrow(UnknownSession)
  })

  test("a handle whose session has expired says so", async () => {
    const pit = await start({ sessions: { ttl: 1 } })
    const session = pit.session("a")
    await session.execute("count")
    await expect.poll(() => pit.sessions.exists("a")).toBe(false)
    await expect(session.execute("count")).rejects.toThrow(/has expired/)
    expect(await pit.session("a").execute("count")).toBe(1)
  })

  test("its onLost hook has nothing to do with the next one", async () => {
    const pit = await start({ pool: { size: 2 } })
    const seen: string[] = []
    let release = (): void => {}
    const running = new Promise<void>((begun) => {
      const held = new Promise<void>((resolve) => {
        release = resolve
      })
      const onLost = async (session: { execute(tool: string): Promise<unknown> }) => {
        seen.push("old")
        begun()
        await held
        seen.push(await session.execute("count").then(String, (error: Error) => error.name))
      }
      const old = pit.session("a", { affinity: "strict_queue", onLost })
      void old.execute("crash").catch(() => {})
    })
    await running
    await pit.sessions.delete("a")
    const onLost = () => void seen.push("new")
    const next = pit.session("a", { affinity: "strict_queue", onLost })
    await next.execute("count")
    release()
    await expect.poll(() => seen).toContain("UnknownSession")
    await next.execute("crash").catch(() => {})
    expect(await next.execute("count")).toBe(1)
    expect(seen).toEqual(["old", "UnknownSession", "new"])
  })
})

describe("a session is not made by", () => {
  test.each([
    ["an unknown tool", (pit: Snakepit) => pit.execute("no such tool", {}, { session: "a" })],
    [
      "an unknown option",
      (pit: Snakepit) => pit.execute("count", {}, { session: "a", timeout: "x" as "1 second" }),
    ],
    [
      "a call that is over before it begins",
      (pit: Snakepit) => pit.session("a").execute("count", {}, { signal: AbortSignal.abort() }),
    ],
    [
      "a host tool that is refused",
      async (pit: Snakepit) => pit.tools.register("not a name", () => 1, { session: "a" }),
    ],
  ])("%s", async (_what, call) => {
    const pit = await start()
    await expect(call(pit)).rejects.toThrow()
    expect(pit.sessions.stats().created).toBe(0)
  })

  test("anything after the end of all", async () => {
    const pit = await start()
    const session = pit.session("a")
    await pit.close()
    await expect(session.execute("count")).rejects.toMatchObject({ _tag: "PoolClosed" })
    await expect(session.variables.list()).rejects.toMatchObject({ _tag: "PoolClosed" })
  })

  test("a tool for which there is no session left", async () => {
    const pit = await start({ sessions: { max: 1 } })
    await pit.sessions.create("a")
    expect(() => pit.tools.register("mine", () => 1, { session: "b" })).toThrow(SessionQuotaExceeded)
    expect(pit.tools.list({ session: "b" }).host).toEqual([])
  })
})

test("a session has been used when its call ends, and keeps its affinity", async () => {
  const pit = await start()
  const opened = new Promise<() => void>((resolve) =>
    pit.tools.register("gate", () => new Promise<void>((open) => resolve(open))),
  )
  const call = pit.session("a").execute("ask", { tool: "gate" })
  const open = await opened
  const { lastUsedAt: before } = (await pit.sessions.get("a")) ?? { lastUsedAt: new Date(0) }
  await expect.poll(() => Date.now()).toBeGreaterThan(before.getTime() + 5)
  open()
  await call
  const { lastUsedAt: after } = (await pit.sessions.get("a")) ?? { lastUsedAt: new Date(0) }
  expect(after.getTime()).toBeGreaterThan(before.getTime())
  await expect(pit.session("a", { affinity: "strict_queue" }).execute("count")).rejects.toThrow(InvalidConfig)
})

test("calls of an onLost hook are its own, whichever handle makes them, also from callbacks", async () => {
  const pit = await start({ pool: { size: 2 } })
  pit.tools.register("count_again", (_args, context) => context.execute("count"))
  const session = pit.session("a", {
    affinity: "strict_queue",
    onLost: async (again) => {
      expect(await again.execute("ask", { tool: "count_again" })).toBe(1)
      expect(await session.execute("count")).toBe(2)
    },
  })
  await session.execute("count")
  await session.execute("crash").catch(() => {})
  expect(await session.execute("count")).toBe(3)
})

test("two programs in one process share no workers and no sessions, though one calls the other", async () => {
  const [a, b] = [await start(), await start()]
  const busy = new AbortController()
  const blocked = b.execute("wait", {}, { signal: busy.signal }).catch(() => {})
  a.tools.register("other", async () => {
    const answer = b.execute<number>("count")
    busy.abort()
    return answer
  })
  expect(await a.session("secret").execute("ask", { tool: "other" })).toBe(1)
  await blocked
  expect([await a.sessions.list(), await b.sessions.list()]).toEqual([["secret"], []])
})

test("nobody changes the data of a session but through update", async () => {
  const pit = await start()
  const list = [1]
  await pit.sessions.create("a", { data: { list } })
  list.push(2)
  const { data } = (await pit.sessions.get("a")) ?? expect.unreachable()
  ;(data.list as number[]).push(3)
  const failing = pit.sessions.update("a", (data) => {
    ;(data.list as number[]).push(4)
    throw new RangeError("no")
  })
  await expect(failing).rejects.toThrow(RangeError)
  expect((await pit.sessions.get("a"))?.data).toEqual({ list: [1] })
})
