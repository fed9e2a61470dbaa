import type { HostToolContext, Snakepit } from "@snakepit/core"
import { expect, test } from "vitest"
import { errorOf, gate } from "../outcomes.js"
import type { Peer } from "../peer.js"
import type { Suite } from "../world.js"

/** Lets the worker call the host from within calls of the host; each call waits for the next. */
async function nest(
  peer: Peer,
  levels: number,
): Promise<{ readonly calls: number[]; readonly open: number[] }> {
  const calls: number[] = []
  const open: number[] = []
  for (let level = 0; level < levels; level += 1) {
    const parent = open.at(-1)
    calls.push(peer.call("wait", { name: `${level}` }, parent === undefined ? {} : { parent }))
    open.push((await peer.hostCall("gate")).id)
  }
  return { calls, open }
}

/** A host tool that calls itself through the worker, `n` times. */
function registerDescent(pit: Snakepit): void {
  pit.tools.register("descend", ({ n }, { execute }: HostToolContext) =>
    Number(n) === 0 ? 0 : execute("call_host", { tool: "descend", args: { n: Number(n) - 1 } }),
  )
}

export const hostCalls: Suite = {
  full(world) {
    test("a tool gets what the host's tool gives, and waits for it", async () => {
      const pit = await world.start()
      pit.tools.register("greet", async ({ name }) => ({ hello: name }))
      const outcome = await pit.execute("call_host", { tool: "greet", args: { name: "Ada" } })
      expect(outcome).toEqual({ hello: "Ada" })
    })

    test("[NE-1] a call to the host names the call that it is made for, and its session", async () => {
      const peer = await world.peer()
      peer.call("add", { a: 1, b: 2 })
      const id = peer.call("wait", { name: "x" }, { session: "s" })
      const hostCall = await peer.hostCall("gate")
      expect(hostCall).toMatchObject({ args: { name: "x" }, parent: id, session: "s" })
      peer.send({ type: "result", id: hostCall.id, value: [1] })
      expect(await peer.result(id)).toEqual([1])
    })

    test("[FR-1] each side numbers its own calls", async () => {
      const peer = await world.peer()
      const id = peer.call("wait", { name: "x" })
      const hostCall = await peer.hostCall("gate")
      // The answer has the worker's number, the call in between the host's, and both may be the same.
      const nested = peer.call("add", { a: 1, b: 2 }, { parent: hostCall.id })
      expect(await peer.result(nested)).toBe(3)
      peer.send({ type: "result", id: hostCall.id, value: "done" })
      expect(await peer.result(id)).toBe("done")
    })

    test("[NE-2] a worker that waits for the host serves its calls meanwhile", async () => {
      const pit = await world.start()
      pit.tools.register("sum", async ({ to }, { execute }) => {
        const parts = Array.from({ length: Number(to) }, (_, n) => execute<number>("add", { a: n, b: 1 }))
        return (await Promise.all(parts)).reduce((sum, part) => sum + part, 0)
      })
      const sums = Array.from({ length: 8 }, () => pit.execute("call_host", { tool: "sum", args: { to: 4 } }))
      expect(await Promise.all(sums)).toEqual(Array(8).fill(10))
      expect(pit.workers()).toMatchObject([{ id: "default-1", state: "ready" }])
    })

    test("[NE-2] nested streams work, also when they are left", async () => {
      const pit = await world.start()
      pit.tools.register("first", async (_args, { stream }) => {
        for await (const { data } of stream("ticks")) if (data === 5) return data
        return null
      })
      expect(await pit.execute("call_host", { tool: "first", args: {} })).toBe(5)
      expect(await pit.execute("journal")).toEqual(["ticks stopped"])
    })

    test("[NE-2] a nested call whose parent is gone is answered not_started", async () => {
      const peer = await world.peer()
      const orphan = peer.call("note", { line: "orphan" }, { parent: 999 })
      expect(await peer.error(orphan)).toMatchObject({ code: "not_started" })
      expect(await peer.result(peer.call("journal"))).toEqual([])
    })

    test("[NE-3] calls nest 16 deep, and no deeper", async () => {
      const peer = await world.peer()
      const { calls, open } = await nest(peer, 17)
      const tooDeep = peer.call("add", { a: 1, b: 2 }, { parent: open.at(-1) })
      expect(await peer.error(tooDeep)).toMatchObject({ code: "resource_exhausted" })
      for (const id of [...open].reverse()) peer.send({ type: "result", id, value: id })
      for (const [level, id] of calls.entries()) expect(await peer.result(id)).toBe(open[level])
    })

    test("[NE-3] the host refuses to nest deeper, too", async () => {
      const pit = await world.start()
      registerDescent(pit)
      expect(await pit.execute("call_host", { tool: "descend", args: { n: 16 } })).toBe(0)
      const error = await errorOf(pit.execute("call_host", { tool: "descend", args: { n: 17 } }))
      expect(error.message).toContain("16")
    })

    test("[NE-4] the worker takes calls back that it left open", async () => {
      const peer = await world.peer()
      const id = peer.call("leave_host", { tool: "slow" })
      const hostCall = await peer.hostCall("slow")
      expect(await peer.result(id)).toBeNull()
      await peer.next((frame): frame is typeof frame => frame.type === "cancel" && frame.id === hostCall.id)
    })

    test("[NE-4] the host takes calls back that a callback left open", async () => {
      const pit = await world.start()
      const left: Promise<Error>[] = []
      pit.tools.register("leave", (_args, { execute }) => {
        left.push(errorOf(execute("spin")))
      })
      expect(await pit.execute("call_host", { tool: "leave", args: {} })).toBeNull()
      expect(await Promise.all(left)).toMatchObject([{ _tag: "CallCancelled" }])
      expect(await pit.execute("add", { a: 1, b: 2 })).toBe(3)
      expect(pit.workers()).toMatchObject([{ id: "default-1" }])
    })

    test("[NE-4] a callback hears when the call that it serves was cancelled", async () => {
      const pit = await world.start()
      const [asked, told] = [gate(), gate()]
      pit.tools.register("gate", (_args, { signal }) => {
        signal.addEventListener("abort", told.open)
        asked.open()
        return told.passed
      })
      const leave = new AbortController()
      const call = errorOf(pit.execute("wait", { name: "w" }, { signal: leave.signal }))
      await asked.passed
      leave.abort()
      expect(await call).toMatchObject({ _tag: "CallCancelled" })
      await told.passed
      expect(await pit.execute("journal")).toEqual(["w began", "w ended"])
    })

    test("a session's own tools are for its calls alone", async () => {
      const pit = await world.start()
      pit.tools.register("who", () => "everybody")
      const session = pit.session("s")
      session.tools.register("who", (_args, context: HostToolContext) => context.session)
      const ask = { tool: "who", args: {} }
      expect(await session.execute("call_host", ask)).toBe("s")
      expect(await pit.execute("call_host", ask)).toBe("everybody")
    })
  },
}
