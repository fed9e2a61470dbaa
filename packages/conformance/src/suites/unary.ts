import { expect, test } from "vitest"
import { errorOf } from "../outcomes.js"
import type { Suite } from "../world.js"
import { altered } from "../wrapped.js"

const numbers = Array.from({ length: 50 }, (_, index) => index)

export const unary: Suite = {
  basic(world) {
    test("a call gives its result, whichever other calls are open", async () => {
      const calls = numbers.map((n) => world.pit.execute("add", { a: n, b: 1 }))
      expect(await Promise.all(calls)).toEqual(numbers.map((n) => n + 1))
    })

    test("[CA-1] a call has exactly one answer", async () => {
      const peer = await world.peer()
      const id = peer.call("add", { a: 1, b: 2 })
      expect(await peer.result(id)).toBe(3)
      const failed = peer.call("fail", { message: "once" })
      await peer.error(failed)
      await peer.ping()
      expect(peer.unread).toEqual([])
    })

    test("[CA-2] the worker drops answers, credit and cancels for calls that it does not know", async () => {
      const peer = await world.peer()
      const answered = peer.call("add", { a: 1, b: 1 })
      expect(await peer.result(answered)).toBe(2)
      const error = { code: "tool_error", type: "E", message: "" }
      peer.send({ type: "result", id: 99, value: 0 })
      peer.send({ type: "error", id: 99, error })
      for (const id of [answered, 98]) {
        peer.send({ type: "credit", id, n: 5 })
        peer.send({ type: "cancel", id })
      }
      await peer.ping()
      expect(await peer.result(peer.call("add", { a: 2, b: 2 }))).toBe(4)
      expect(peer.unread).toEqual([])
    })

    test("[CA-3] calls run in the order they came", async () => {
      const peer = await world.peer()
      const ids = numbers.slice(0, 20).map((n) => peer.call("note", { line: `${n}` }))
      const journal = peer.call("journal")
      expect(await peer.result(journal)).toEqual(ids.map((_, n) => `${n}`))
      expect(peer.unread.map((frame) => "id" in frame && frame.id)).toEqual(ids)
    })

    test("[CA-4] a call whose deadline has passed is never started", async () => {
      const peer = await world.peer()
      const late = peer.call("note", { line: "late" }, { deadlineMs: 0 })
      const early = peer.call("note", { line: "early" }, { deadlineMs: 60_000 })
      expect(await peer.error(late)).toMatchObject({ code: "deadline_exceeded" })
      expect(await peer.result(early)).toBeNull()
      expect(await peer.result(peer.call("journal"))).toEqual(["early"])
    })

    test("[CA-5] a unary call to a streaming tool is refused, by the host and by the worker", async () => {
      const error = await errorOf(world.pit.execute("count", { to: 1 }))
      expect(error).toMatchObject({ _tag: "InvalidParameter", message: expect.stringContaining("stream()") })
      const peer = await world.peer()
      expect(await peer.error(peer.call("count", { to: 1 }))).toMatchObject({ code: "invalid_parameter" })
    })

    test("a tool that there is not is refused, by the host and by the worker", async () => {
      expect(await errorOf(world.pit.execute("missing"))).toMatchObject({ _tag: "UnknownTool" })
      const peer = await world.peer()
      expect(await peer.error(peer.call("missing"))).toMatchObject({ code: "unknown_tool" })
    })

    test.each([
      ["a missing argument", { a: 1 }, "args.b"],
      ["one too many", { a: 1, b: 2, c: 3 }, "args.c"],
      ["one of the wrong type", { a: 1, b: "2" }, "args.b"],
    ])("%s is refused before the worker is asked", async (_what, args, key) => {
      expect(await errorOf(world.pit.execute("add", args))).toMatchObject({ _tag: "InvalidParameter", key })
    })

    test.each([
      ["a missing argument", { a: 1 }],
      ["one too many", { a: 1, b: 2, c: 3 }],
    ])("%s is refused by the worker, too", async (_what, args) => {
      const peer = await world.peer()
      expect(await peer.error(peer.call("add", args))).toMatchObject({ code: "invalid_parameter" })
    })

    test("[FR-1] the caller chooses the ids, up to 2^53-1 and in any order", async () => {
      const peer = await world.peer()
      const ids = [Number.MAX_SAFE_INTEGER, 1, 2 ** 32]
      for (const id of ids) peer.send({ type: "call", id, tool: "add", args: { a: id % 97, b: 1 } })
      for (const id of ids) expect(await peer.result(id)).toBe((id % 97) + 1)
    })

    test("[FR-5] session and metadata reach the tool", async () => {
      const meta = { traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", ключ: "żółć" }
      const session = world.pit.session("user 1")
      expect(await session.execute("context", {}, { meta })).toEqual({ session: "user 1", meta })
      expect(await world.pit.execute("context")).toMatchObject({ meta: {} })
    })
  },

  full(world) {
    test("[CA-2] the host drops what comes for a call after its answer", async () => {
      const twice = altered(world.transport, (frame) => (frame.type === "call" ? [frame] : [frame, frame]))
      const pit = await world.start({ transports: [twice] })
      const calls = numbers.map((n) => pit.execute("add", { a: n, b: 1 }))
      expect(await Promise.all(calls)).toEqual(numbers.map((n) => n + 1))
      expect(pit.workers()).toMatchObject([{ id: "default-1", requests: numbers.length, busy: 0 }])
    })

    test("[CA-3] a result is on its way before the next call starts, so that a crash takes only one", async () => {
      const peer = await world.peer()
      const before = peer.call("add", { a: 1, b: 2 })
      const fatal = peer.call("crash")
      const after = peer.call("add", { a: 3, b: 4 })
      await peer.closed
      expect(await peer.result(before)).toBe(3)
      expect([...peer.answers(fatal), ...peer.answers(after)]).toEqual([])
    })

    test("a crash fails the call that ran; those behind it are run by another worker", async () => {
      const pit = await world.start()
      const calls = [
        pit.execute("add", { a: 1, b: 2 }),
        pit.execute("crash"),
        pit.execute("add", { a: 3, b: 4 }),
        pit.execute("add", { a: 5, b: 6 }),
      ]
      expect(await Promise.allSettled(calls)).toMatchObject([
        { value: 3 },
        { reason: { _tag: "WorkerCrashed", tool: "crash", workerId: "default-1" } },
        { value: 7 },
        { value: 11 },
      ])
      expect(pit.workers()).toMatchObject([{ id: "default-2", transport: world.transport.name }])
    })
  },
}
