import { expect, test } from "vitest"
import { errorOf } from "../outcomes.js"
import type { Suite } from "../world.js"

export const errors: Suite = {
  basic(world) {
    test("[ER-1] [ER-2] what a tool raises arrives with its name and text; the worker goes on", async () => {
      for (const message of ["no such row", "", "żółć 🐍\n\u0000 two lines"]) {
        const error = await errorOf(world.pit.execute("fail", { message }))
        expect(error).toMatchObject({
          _tag: "ToolError",
          type: "ValueError",
          tool: "fail",
          workerId: "default-1",
          message: `ValueError: ${message}`,
        })
      }
      expect(await world.pit.execute("add", { a: 1, b: 2 })).toBe(3)
    })

    test("[ER-1] an error frame has code, type and message", async () => {
      const peer = await world.peer()
      const error = await peer.error(peer.call("fail", { message: "no" }))
      expect(error).toMatchObject({ code: "tool_error", type: "ValueError", message: "no" })
    })

    test("calls that fail do not touch those that do not", async () => {
      const calls = Array.from({ length: 20 }, (_, n) =>
        n % 2 === 0
          ? world.pit.execute("add", { a: n, b: 0 })
          : errorOf(world.pit.execute("fail", { message: `${n}` })),
      )
      const outcomes = (await Promise.all(calls)).map((outcome) =>
        outcome instanceof Error ? outcome.message : outcome,
      )
      expect(outcomes).toEqual(Array.from({ length: 20 }, (_, n) => (n % 2 === 0 ? n : `ValueError: ${n}`)))
    })
  },

  full(world) {
    test("[ER-1] the traceback arrives, and stands in the stack below the caller's", async () => {
      const error = await errorOf(world.pit.execute("fail", { message: "deep inside" }))
      expect(error).toMatchObject({ traceback: expect.stringContaining("deep inside") })
      expect(error.stack).toContain("errors.")
    })

    test.each([
      ["whose text cannot be made", "unprintable"],
      ["whose text is no valid Unicode", "surrogates"],
      ["whose text is a megabyte", "long"],
    ])("[ER-3] an error %s still arrives", async (_what, kind) => {
      const error = await errorOf(world.pit.execute("fail_oddly", { kind }))
      expect(error).toMatchObject({ _tag: "ToolError", type: "ValueError", workerId: "default-1" })
    })

    test("[ER-3] an error that is too long for a frame still arrives, shortened", async () => {
      const pit = await world.start({ limits: { maxFrameBytes: 100_000 } })
      const error = await errorOf(pit.execute("fail_oddly", { kind: "long" }))
      expect(error).toMatchObject({ _tag: "ToolError", type: "ValueError", workerId: "default-1" })
      expect(error.message).toContain("xxx")
    })

    test("[ER-2] the host's errors reach the tool with their code", async () => {
      const pit = await world.start()
      pit.tools.register("fail", () => {
        throw new RangeError("too far")
      })
      pit.tools.register("bad", () => ({ f: () => {} }))
      const outcome = (tool: string) => pit.execute("try_host", { tool, args: {} })
      expect(await outcome("fail")).toMatchObject({
        code: "tool_error",
        type: "RangeError",
        message: expect.stringContaining("too far"),
      })
      expect(await outcome("missing")).toMatchObject({ code: "unknown_tool" })
      expect(await outcome("bad")).toMatchObject({
        code: "not_serializable",
        message: expect.stringContaining("result.f"),
      })
    })
  },
}
