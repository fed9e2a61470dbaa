import { defaultLimits } from "@snakepit/core/transport"
import { expect, test } from "vitest"
import { errorOf } from "../outcomes.js"
import { nestedLists } from "../values/cases.js"
import type { Suite } from "../world.js"

const small = { maxFrameBytes: 4096, maxAttachmentBytes: 25_000 }
/** The worker keeps to less than this host does. */
const toldLess = { welcome: { limits: { ...defaultLimits, ...small, maxDepth: 10 } } }

export const limits: Suite = {
  full(world) {
    test.each([
      ["a frame", { value: "x".repeat(5000) }, /maxFrameBytes/],
      [
        "attachments, summed up",
        { value: [new Uint8Array(12_000), new Uint8Array(13_001)] },
        /maxAttachmentBytes/,
      ],
    ])(
      "[LI-1] [LI-2] %s beyond the limit: only the call fails, before it is sent",
      async (_what, args, reason) => {
        const pit = await world.start({ limits: small })
        const error = await errorOf(pit.execute("echo", args))
        expect(error).toMatchObject({ _tag: "InvalidParameter", reason: expect.stringMatching(reason) })
        expect(
          await pit.execute("echo", { value: [new Uint8Array(12_000), new Uint8Array(13_000)] }),
        ).toHaveLength(2)
        expect(pit.workers()).toMatchObject([{ id: "default-1" }])
      },
    )

    test.each([
      ["a frame", "text", 5000],
      ["an attachment", "bytes", 25_001],
    ])(
      "[LI-1] [LI-2] %s of the worker beyond the limit: only the call fails",
      async (_what, tool, length) => {
        const pit = await world.start({ limits: small })
        const failure = { _tag: "RemoteError", code: "not_serializable" }
        expect(await errorOf(pit.execute(tool, { length }))).toMatchObject(failure)
        const chunks = pit.stream(tool === "text" ? "produce" : "produce_bytes", { count: 1, length })
        expect(await errorOf(chunks.next())).toMatchObject(failure)
        expect(await pit.execute(tool, { length: 3500 })).toHaveLength(3500)
        expect(pit.workers()).toMatchObject([{ id: "default-1" }])
      },
    )

    test("[LI-1] [LV-3] a log record beyond the limit is shortened, and affects no call", async () => {
      const lengths: number[] = []
      const pit = await world.start({
        limits: small,
        logger: ({ source, message }) => void (source === "log" && lengths.push(message.length)),
      })
      for (const length of [1000, 5000]) expect(await pit.execute("log_text", { length })).toBeNull()
      expect(lengths[0]).toBe(1000)
      expect(lengths[1]).toBeGreaterThan(0)
      expect(pit.workers()).toMatchObject([{ id: "default-1" }])
    })

    test.each([
      ["a frame", "x".repeat(5000)],
      ["attachments, summed up", [new Uint8Array(12_000), new Uint8Array(13_001)]],
      ["a value that nests deeper", nestedLists(20)],
    ])("[LI-2] [LI-3] the worker ends the connection at %s beyond what it was told", async (_what, value) => {
      const peer = await world.peer(toldLess)
      expect(await peer.result(peer.call("echo", { value: nestedLists(9) }))).toEqual(nestedLists(9))
      peer.call("echo", { value })
      await peer.closed
      await peer.exited
      expect(peer.unread).toEqual([])
    })

    test("[LI-3] a value may be as deep as the limit, both ways", async () => {
      const pit = await world.start({ limits: { maxDepth: 20 } })
      expect(await pit.execute("nest", { levels: 20 })).toEqual(nestedLists(20))
      expect(await errorOf(pit.execute("nest", { levels: 21 }))).toMatchObject({ code: "not_serializable" })
      // The arguments themselves are the first level.
      expect(await pit.execute("echo", { value: nestedLists(19) })).toEqual(nestedLists(19))
      const error = await errorOf(pit.execute("echo", { value: nestedLists(20) }))
      expect(error).toMatchObject({ _tag: "InvalidParameter", reason: expect.stringContaining("20") })
    })

    test("[LI-5] the worker refuses calls beyond maxInFlight, and goes on with the others", async () => {
      const peer = await world.peer({ welcome: { limits: { ...defaultLimits, maxInFlight: 3 } } })
      const first = peer.call("wait", { name: "first" })
      const hostCall = await peer.hostCall("gate")
      const behind = [1, 2].map((n) => peer.call("add", { a: n, b: 0 }))
      expect(await peer.error(peer.call("add", { a: 3, b: 0 }))).toMatchObject({ code: "resource_exhausted" })
      // What is nested does not count.
      const nested = peer.call("add", { a: 4, b: 0 }, { parent: hostCall.id })
      expect(await peer.result(nested)).toBe(4)
      peer.send({ type: "result", id: hostCall.id, value: 0 })
      for (const [n, id] of [first, ...behind].entries()) expect(await peer.result(id)).toBe(n)
      expect(await peer.result(peer.call("add", { a: 5, b: 0 }))).toBe(5)
    })

    test("[LI-5] the host never sends more than maxInFlight at a time", async () => {
      const pit = await world.start({ limits: { maxInFlight: 2 } })
      const calls = Array.from({ length: 40 }, (_, n) => pit.execute("add", { a: n, b: 0 }))
      expect(await Promise.all(calls)).toEqual(calls.map((_, n) => n))
    })
  },
}
