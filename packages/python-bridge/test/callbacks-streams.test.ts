import { describe, expect, test } from "vitest"
import { collect, errorOf, start, until } from "./helpers.js"

const callbacks = () => start("callbacks:Callbacks", { size: 1 })

/** A generator that counts on and on, and what is known of it. */
function counter() {
  const state = { yielded: 0, ended: 0 }
  async function* count() {
    try {
      for (;;) {
        state.yielded += 1
        yield state.yielded
        await new Promise(setImmediate)
      }
    } finally {
      state.ended += 1
    }
  }
  return { state, count }
}

describe("a generator in TypeScript", () => {
  test.each(["read", "read_async"])("ends when %s leaves its loop, and the worker goes on", async (tool) => {
    const pit = await callbacks()
    const { state, count } = counter()
    pit.tools.register("count", count)
    expect(await pit.execute(tool, { tool: "count", upto: 3 })).toEqual([1, 2, 3])
    await until(() => state.ended === 1)
    expect(await pit.execute("add", { a: 1, b: 2 })).toBe(3)
  })

  test("streams through a generator in Python, to whoever leaves that", async () => {
    const pit = await callbacks()
    const { state, count } = counter()
    pit.tools.register("count", count)
    const seen: unknown[] = []
    for await (const { data } of pit.stream("read_through", { tool: "count", upto: 1e9 })) {
      seen.push(data)
      if (seen.length === 200) break
    }
    expect(seen).toEqual(Array.from({ length: 200 }, (_, index) => index + 1))
    await until(() => state.ended === 1)
    expect(await pit.execute("add", { a: 1, b: 2 })).toBe(3)
  })

  test("that does not wait runs no further ahead than its credit goes", async () => {
    const pit = await callbacks()
    const state = { yielded: 0, consumed: 0, rounds: 0 }
    pit.tools.register("rush", function* () {
      for (;;) {
        state.yielded += 1
        yield new Uint8Array(100_000)
      }
    })
    pit.tools.register("thirsty", async () => {
      // What is written has time to leave.
      for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate)
      // 25 of 1,024 units of credit a chunk, the last one overdrawn; and one waits to be sent.
      expect(state.yielded - state.consumed).toBeLessThanOrEqual(42)
      state.consumed += 1
      return state.consumed < 100
    })
    expect(await pit.execute("sip", { tool: "rush" })).toBeNull()
    expect(state.consumed).toBe(100)
    expect(state.yielded).toBeGreaterThanOrEqual(100)
  })

  test("may call Python between its chunks, also while the tool that reads is blocked", async () => {
    const pit = await callbacks()
    pit.tools.register("sums", async function* (_args, { execute }) {
      for (let n = 0; n < 100; n += 1) yield await execute("add", { a: n, b: 1 })
    })
    const sums = Array.from({ length: 100 }, (_, n) => n + 1)
    expect(await pit.execute("read", { tool: "sums", upto: 1000 })).toEqual(sums)
    expect(await pit.execute("read_async", { tool: "sums", upto: 1000 })).toEqual(sums)
    const chunks = await collect(pit.stream("read_through", { tool: "sums", upto: 1000 }))
    expect(chunks.flatMap(({ data, isFinal }) => (isFinal ? [] : [data]))).toEqual(sums)
  })

  test("that throws ends the loop in Python with its error", async () => {
    const pit = await callbacks()
    pit.tools.register("short", function* brokenGenerator() {
      yield 1
      throw new RangeError("no more")
    })
    const error = await errorOf(pit.execute("read", { tool: "short", upto: 10 }))
    expect(error).toMatchObject({ _tag: "ToolError", type: "HostToolError" })
    expect(error.message).toContain("RangeError: no more")
    expect(error.traceback).toContain("brokenGenerator")
  })
})

describe.each(["read", "read_async"])("the end of a call to %s", (tool) => {
  test.each(["its signal", "its deadline"])("by %s aborts the signal of the stream it reads", async (how) => {
    const pit = await callbacks()
    const abort = new AbortController()
    let deadline: Date | undefined
    let aborted = (): void => {}
    const wasAborted = new Promise<void>((resolve) => {
      aborted = resolve
    })
    pit.tools.register("stall", async function* (_args, context) {
      yield 1
      deadline = context.deadline
      context.signal.addEventListener("abort", aborted)
      if (how === "its signal") abort.abort()
      await new Promise((resolve) => context.signal.addEventListener("abort", resolve))
    })
    const options = how === "its signal" ? { signal: abort.signal } : { timeout: 500 }
    const error = await errorOf(pit.execute(tool, { tool: "stall", upto: 2 }, options))
    expect(error).toMatchObject({ _tag: how === "its signal" ? "CallCancelled" : "CallTimeout" })
    await wasAborted
    expect(deadline).toBeInstanceOf(Date)
    expect(await pit.execute("add", { a: 1, b: 2 })).toBe(3)
    expect(pit.stats()).toMatchObject({ crashes: 0 })
  })
})
