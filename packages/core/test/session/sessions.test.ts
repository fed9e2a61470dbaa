import { describe, expect, onTestFinished, test } from "vitest"
import {
  InvalidConfig,
  PoolClosed,
  SessionExists,
  SessionQuotaExceeded,
  Snakepit,
  type SnakepitConfig,
  UnknownSession,
} from "../../src/index.js"
import { inProcess, memory, type ToolFunction } from "../../src/testing.js"

const tools: { readonly [name: string]: ToolFunction } = {
  session: (_args, { session }) => session ?? null,
  ask: ({ tool, args }: { tool: string; args: object }, { callHostTool }) => callHostTool(tool, { ...args }),
  wait: (_args, { signal }) =>
    new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
}

async function start(sessions: SnakepitConfig["sessions"] = {}): Promise<Snakepit> {
  const pit = await Snakepit.start({
    adapter: inProcess({ tools }),
    transports: [memory()],
    pool: { size: 1 },
    logger: false,
    sessions,
  })
  onTestFinished(() => pit.close({ grace: 0 }))
  return pit
}

describe("the store of sessions", () => {
  test("makes, shows, changes and ends a session", async () => {
    const pit = await start()
    const session = await pit.sessions.create("user-1", { ttl: "2 hours", data: { visits: 1 } })
    expect(session.id).toBe("user-1")
    expect(await pit.sessions.get("user-1")).toMatchObject({
      id: "user-1",
      ttlMs: 7_200_000,
      affinity: null,
      data: { visits: 1 },
    })
    const twice = Array.from({ length: 2 }, () =>
      pit.sessions.update("user-1", ({ visits }) => ({ visits: Number(visits) + 1, last: new Date(0) })),
    )
    await Promise.all(twice)
    expect((await pit.sessions.get("user-1"))?.data).toEqual({ visits: 3, last: new Date(0) })
    expect([await pit.sessions.exists("user-1"), await pit.sessions.list()]).toEqual([true, ["user-1"]])
    expect([await pit.sessions.delete("user-1"), await pit.sessions.delete("user-1")]).toEqual([true, false])
    expect(await pit.sessions.get("user-1")).toBeUndefined()
    expect(pit.sessions.stats()).toMatchObject({ sessions: 0, created: 1, closed: 1, expired: 0 })
  })

  test("makes ids of 128 random bits", async () => {
    const pit = await start()
    const ids = [(await pit.sessions.create()).id, pit.session().id, pit.session().id]
    expect(ids).toEqual(ids.map(() => expect.stringMatching(/^[0-9a-f]{32}$/)))
    expect(new Set(ids).size).toBe(3)
  })

  test("an update that throws changes nothing", async () => {
    const pit = await start()
    await pit.sessions.create("s", { data: { kept: true } })
    const update = pit.sessions.update("s", () => {
      throw new RangeError("no")
    })
    await expect(update).rejects.toThrow(RangeError)
    expect((await pit.sessions.get("s"))?.data).toEqual({ kept: true })
  })

  test("names what is wrong", async () => {
    const pit = await start({ max: 1 })
    await pit.sessions.create("s")
    await expect(pit.sessions.create("s")).rejects.toThrow(SessionExists)
    await expect(pit.sessions.create("t")).rejects.toThrow(SessionQuotaExceeded)
    await expect(pit.sessions.update("t", (data) => data)).rejects.toThrow(UnknownSession)
    await expect(pit.sessions.update("s", () => ({ f: () => 1 }))).rejects.toThrow(InvalidConfig)
    await expect(pit.sessions.create("u", { ttl: "soon" as "1 hour" })).rejects.toThrow(InvalidConfig)
    expect(() => pit.session("v", { affinity: "glue" as "hint" })).toThrow(InvalidConfig)
  })
})

describe("a session", () => {
  test("is made by its first use", async () => {
    const pit = await start()
    const session = pit.session("s")
    expect(await pit.sessions.exists("s")).toBe(false)
    expect(await session.execute("session")).toBe("s")
    expect(await pit.sessions.exists("s")).toBe(true)
    expect(await pit.execute("session", {}, { session: "by option" })).toBe("by option")
    expect(await pit.sessions.list()).toEqual(["s", "by option"])
  })

  test("ends with close: its calls, tools, variables and programs; its handle is of no more use", async () => {
    const pit = await start()
    const session = pit.session("s")
    session.tools.register("mine", () => 1)
    await session.variables.register("x", "integer", 1)
    await session.programs.store("p", { a: 1 })
    const open = session.execute("wait")
    await Promise.all([session.close(), expect(open).rejects.toThrow(/its session has been closed/)])
    await expect(session.execute("session")).rejects.toThrow(UnknownSession)
    await expect(session.variables.list()).rejects.toThrow(UnknownSession)
    const again = pit.session("s")
    expect(await again.variables.list()).toEqual([])
    expect(await again.programs.list()).toEqual([])
    expect(pit.tools.list({ session: "s" }).host).toEqual([])
  })

  test("takes its worker-side calls to what it holds, and to nobody else's", async () => {
    const pit = await start()
    const [mine, yours] = [pit.session("mine"), pit.session("yours")]
    await mine.variables.register("x", "integer", 1)
    await yours.variables.register("x", "integer", 2)
    const get = { tool: "snakepit.variables.get", args: { names: ["x"] } }
    expect(await mine.execute("ask", get)).toMatchObject({ x: { value: 1 } })
    expect(await yours.execute("ask", get)).toMatchObject({ x: { value: 2 } })
    await expect(pit.execute("ask", get)).rejects.toThrow(/NoSession/)
  })

  test("outlives its time to live while a call of it runs", async () => {
    const pit = await start({ ttl: 1, cleanupInterval: 1 })
    const leave = new AbortController()
    const open = pit.session("s").execute("wait", {}, { signal: leave.signal })
    for (let n = 0; n < 20; n += 1) {
      await pit.sessions.cleanup()
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
    expect(await pit.sessions.exists("s")).toBe(true)
    const ended = pit.once("snakepit.session.ended")
    leave.abort()
    await expect(open).rejects.toThrow(/aborted/)
    expect((await ended).metadata).toEqual({ session: "s", reason: "expired" })
  })

  test("an event that is waited for does not come any more when all is closed", async () => {
    const pit = await start()
    const waiting = pit.once("snakepit.session.lost")
    await Promise.all([pit.close(), expect(waiting).rejects.toThrow(PoolClosed)])
  })

  test("nobody calls the protocol's own tools by hand", async () => {
    const pit = await start()
    await expect(pit.execute("snakepit.end_session", {}, { session: "s" })).rejects.toThrow(/has no tool/)
  })
})
