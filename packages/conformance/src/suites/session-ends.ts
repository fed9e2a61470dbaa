import type { Session, Snakepit } from "@snakepit/core"
import { expect, test } from "vitest"
import { errorOf, gate } from "../outcomes.js"
import type { World } from "../world.js"
import { spied } from "../wrapped.js"

/** What a tool is answered that asks the host in this session. */
export function ask(caller: Pick<Session, "execute">, tool: string, args: object = {}): Promise<unknown> {
  return caller.execute("try_host", { tool, args })
}

/** A session with a variable, a program and a host tool, all of them called `secret`. */
export async function victim(pit: Snakepit): Promise<Session> {
  const session = pit.session("victim")
  await session.variables.register("secret", "integer", 1)
  await session.programs.store("secret", 1)
  session.tools.register("secret", () => 1)
  return session
}

/** Returns when every worker of a pool of `size` has come to the end of what it was sent before. */
async function caughtUp(pit: Snakepit, size: number): Promise<void> {
  const all = gate()
  let waiting = 0
  pit.tools.register("gate", () => {
    waiting += 1
    if (waiting === size) all.open()
    return all.passed
  })
  await Promise.all(Array.from({ length: size }, (_, n) => pit.execute("wait", { name: `${n}` })))
  pit.tools.unregister("gate")
}

/** What happens when sessions end. */
export function sessionEnds(world: World): void {
  test("[SE-2] a worker lets go of a session that has ended", async () => {
    const peer = await world.peer()
    peer.call("remember", { value: 1 }, { session: "s" })
    peer.call("remember", { value: 2 }, { session: "t" })
    for (const session of ["s", "s", "unknown"]) {
      expect(await peer.result(peer.call("snakepit.end_session", {}, { session }))).toBeNull()
    }
    expect(await peer.result(peer.call("journal"))).toEqual(["s ended"])
    expect(await peer.result(peer.call("recall", {}, { session: "s" }))).toBeNull()
    expect(await peer.result(peer.call("recall", {}, { session: "t" }))).toBe(2)
  })

  test("[SE-2] every worker that has served a session hears of its end, once; no other does", async () => {
    const { transport, sent } = spied(world.transport)
    const pit = await world.start({ transports: [transport], pool: { size: 3 } })
    const session = pit.session("s")
    const both = gate()
    let waiting = 0
    pit.tools.register("gate", () => {
      waiting += 1
      if (waiting === 2) both.open()
      return both.passed
    })
    await Promise.all([session.execute("wait", { name: "a" }), session.execute("wait", { name: "b" })])
    pit.tools.unregister("gate")
    await session.close()
    await caughtUp(pit, 3)
    const calls = sent.filter((frame) => frame.type === "call" && frame.tool === "snakepit.end_session")
    expect(calls).toMatchObject([
      { args: {}, session: "s" },
      { args: {}, session: "s" },
    ])
  })

  test("[SE-2] a session of the same id starts with nothing", async () => {
    const pit = await world.start()
    const session = await victim(pit)
    await session.execute("remember", { value: 1 })
    await session.close()
    const next = pit.session("victim")
    expect(await next.execute("recall")).toBeNull()
    expect(await pit.execute("journal")).toEqual(["victim ended"])
    expect(await ask(next, "secret")).toMatchObject({ code: "unknown_tool" })
    expect([await next.variables.list(), await next.programs.list()]).toEqual([[], []])
  })

  test("[SE-2] a worker that is full of calls lets go of a session, too, before the next one of its id", async () => {
    const pit = await world.start({ limits: { maxInFlight: 4 } })
    const session = pit.session("s")
    await session.execute("remember", { value: 1 })
    const calls = Array.from({ length: 12 }, (_, n) => (n % 2 === 0 ? session : pit).execute("recall"))
    const settled = Promise.allSettled(calls)
    await session.close()
    expect(await pit.session("s").execute("recall")).toBeNull()
    expect((await settled).filter(({ status }) => status === "fulfilled").length).toBeGreaterThanOrEqual(6)
    expect(await pit.execute("journal")).toEqual(["s ended"])
  })

  test("[SE-2] a session that expires is let go of like one that is closed", async () => {
    const pit = await world.start({ sessions: { ttl: 20, cleanupInterval: 5 } })
    const ended = pit.once("snakepit.session.ended")
    await pit.session("s").execute("remember", { value: 1 })
    expect((await ended).metadata).toEqual({ session: "s", reason: "expired" })
    expect(await pit.session("s").execute("recall")).toBeNull()
    expect(await pit.execute("journal")).toEqual(["s ended"])
  })

  test("[SE-1] nobody calls what belongs to the protocol", async () => {
    const session = world.pit.session()
    const error = await errorOf(session.execute("snakepit.end_session"))
    expect(error).toMatchObject({ _tag: "UnknownTool" })
    expect(() => world.pit.tools.register("snakepit.variables.get", () => 1)).toThrow("snakepit.")
    await session.close()
  })
}
