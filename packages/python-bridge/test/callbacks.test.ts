import type { HostToolContext, Snakepit } from "@snakepit/core"
import { describe, expect, test } from "vitest"
import { collect, errorOf, start, until } from "./helpers.js"

const callbacks = (size = 2) => start("callbacks:Callbacks", { size })

const callers = Array.from({ length: 64 }, (_, number) => number)

/** Nothing is left over, in the pool or in its workers. */
async function expectSound(pit: Snakepit): Promise<void> {
  expect(await pit.execute("add", { a: 1, b: 2 })).toBe(3)
  await until(() => pit.stats().busy === 0)
  expect(pit.stats()).toMatchObject({ queued: 0, crashes: 0 })
}

describe("64 callers whose host tools call back while every worker is busy all end:", () => {
  /** Lets no callback go on before as many have begun as there are workers: then none is free. */
  function barrier(count: number): () => Promise<void> {
    let arrived = 0
    return () => {
      arrived += 1
      return until(() => arrived >= count)
    }
  }

  test.each(["call", "call_async"])("%s, nested without options", async (tool) => {
    const pit = await callbacks()
    const allBusy = barrier(2)
    pit.tools.register("double", async ({ number }) => {
      await allBusy()
      return pit.execute("add", { a: number, b: number })
    })
    const calls = callers.map((number) => pit.execute(tool, { tool: "double", number }))
    expect(await Promise.all(calls)).toEqual(callers.map((number) => 2 * number))
    await expectSound(pit)
  })

  test("several nested calls at once, and through the context as well", async () => {
    const pit = await callbacks()
    const allBusy = barrier(2)
    pit.tools.register("sum", async ({ number }, context) => {
      await allBusy()
      const parts = await Promise.all([
        pit.execute<number>("add", { a: number, b: 1 }),
        context.execute<number>("add", { a: number, b: 2 }),
        pit.execute<number>("add", { a: number, b: 3 }),
      ])
      return parts.reduce((sum, part) => sum + part, 0)
    })
    const calls = callers.map((number) => pit.execute("call", { tool: "sum", number }))
    expect(await Promise.all(calls)).toEqual(callers.map((number) => 3 * number + 6))
    await expectSound(pit)
  })

  test("a nested stream that is left in the middle", async () => {
    const pit = await callbacks()
    const allBusy = barrier(2)
    pit.tools.register("first", async () => {
      await allBusy()
      for await (const chunk of pit.stream<number>("count", { n: 1000 })) {
        if (chunk.data === 2) return chunk.data
      }
      return -1
    })
    const calls = callers.map(() => pit.execute("call", { tool: "first" }))
    expect(await Promise.all(calls)).toEqual(callers.map(() => 2))
    await expectSound(pit)
  })

  test("callbacks within callbacks, five deep", async () => {
    const pit = await callbacks()
    const allBusy = barrier(2)
    pit.tools.register("descend", async (args) => {
      const depth = Number(args.depth)
      await allBusy()
      if (depth === 0) return pit.execute("add", { a: args.number, b: 0 })
      return pit.execute("call", { tool: "descend", depth: depth - 1, number: args.number })
    })
    const calls = callers.map((number) => pit.execute("call", { tool: "descend", depth: 4, number }))
    expect(await Promise.all(calls)).toEqual(callers)
    await expectSound(pit)
  })
})

test("pools that wait for each other's workers in a circle settle when the queue's time is over", async () => {
  const pools = { left: { size: 1 }, right: { size: 1 } }
  const pit = await start("callbacks:Callbacks", {}, { pools })
  let arrived = 0
  pit.tools.register("cross", async ({ to, number }) => {
    arrived += 1
    await until(() => arrived >= 2)
    return pit.execute("add", { a: number, b: 0 }, { pool: String(to), queueTimeout: 200 })
  })
  const outcomes = await Promise.allSettled([
    pit.execute("call", { tool: "cross", to: "right", number: 1 }, { pool: "left" }),
    pit.execute("call", { tool: "cross", to: "left", number: 2 }, { pool: "right" }),
  ])
  for (const outcome of outcomes) {
    if (outcome.status === "rejected") expect(outcome.reason.message).toContain("QueueTimeout")
  }
  for (const pool of ["left", "right"]) expect(await pit.execute("add", { a: 1, b: 2 }, { pool })).toBe(3)
})

test("many callbacks of one tool at a time, from tasks and from threads, get their own answers", async () => {
  const pit = await callbacks(1)
  pit.tools.register("square", async ({ number }) => {
    await new Promise(setImmediate)
    return Number(number) ** 2
  })
  const squares = callers.slice(0, 20).map((number) => number ** 2)
  expect(await pit.execute("call_many", { tool: "square", n: 20 })).toEqual(squares)
  expect(await pit.execute("call_from_threads", { tool: "square", n: 20 })).toEqual(squares)
  const chunks = await collect(pit.stream("stream_through", { tool: "square", n: 20 }))
  expect(chunks.flatMap(({ isFinal, data }) => (isFinal ? [] : [data]))).toEqual(squares)
})

test("recursion without end fails with NestingTooDeep, and the pool goes on", async () => {
  const pit = await callbacks(1)
  let depth = 0
  pit.tools.register("again", () => {
    depth += 1
    return pit.execute("call", { tool: "again" })
  })
  const error = await errorOf(pit.execute("call", { tool: "again" }))
  expect(error).toMatchObject({ _tag: "ToolError", type: "HostToolError" })
  expect(error.message).toContain("16")
  expect(depth).toBe(17)
  await expectSound(pit)
})

describe("an error of a host tool", () => {
  class Refused extends RangeError {
    override readonly name = "Refused"
  }

  test("crosses with its name, its message and its stack, and back with Python's", async () => {
    const pit = await callbacks(1)
    pit.tools.register("fail", function failingHandler() {
      throw new Refused("not for you")
    })
    expect(await pit.execute("call_and_catch", { tool: "fail" })).toMatchObject({
      type: "Refused",
      code: "tool_error",
      message: "not for you",
    })
    const error = await errorOf(pit.execute("call", { tool: "fail" }))
    expect(error).toMatchObject({ _tag: "ToolError", type: "HostToolError", tool: "call" })
    expect(error.message).toContain("Refused: not for you")
    expect(error.traceback).toContain("ctx.call_host_tool")
    expect(error.traceback).toContain("failingHandler")
    expect(error.stack).toContain("callbacks.test.ts")
  })

  test("that is no Error, or a value that cannot travel, is told as well", async () => {
    const pit = await callbacks(1)
    pit.tools.register("throw_text", () => {
      throw "just text"
    })
    pit.tools.register("return_function", () => () => 1)
    const text = await pit.execute("call_and_catch", { tool: "throw_text" })
    expect(text).toMatchObject({ code: "tool_error", message: "just text" })
    const unsendable = await pit.execute("call_and_catch", { tool: "return_function" })
    expect(unsendable).toMatchObject({ code: "not_serializable" })
    const unknown = await pit.execute("call_and_catch", { tool: "nobody" })
    expect(unknown).toMatchObject({ code: "unknown_tool" })
    await expectSound(pit)
  })

  test("from a nested call names the tool that failed", async () => {
    const pit = await callbacks(1)
    pit.tools.register("bad", () => pit.execute("add", { a: "x", b: 1 }))
    const caught = await pit.execute<{ type: string; message: string }>("call_and_catch", { tool: "bad" })
    expect(caught.type).toBe("InvalidParameter")
    expect(caught.message).toContain("args.a")
  })
})

describe("a cancelled call", () => {
  test.each(["call_in_finally", "call_async"])(
    "of %s aborts the signal of the callback it waits for",
    async (tool) => {
      const pit = await callbacks(1)
      const pids = pit.workers().map(({ pid }) => pid)
      let context: HostToolContext | undefined
      let ended = (): void => {}
      const callbackEnded = new Promise<void>((resolve) => {
        ended = resolve
      })
      pit.tools.register("wait", async (_args, given) => {
        context = given
        await new Promise((resolve) => given.signal.addEventListener("abort", resolve))
        ended()
      })
      const abort = new AbortController()
      const call = errorOf(pit.execute(tool, { tool: "wait" }, { signal: abort.signal }))
      await until(() => context !== undefined)
      expect(context?.signal.aborted).toBe(false)
      abort.abort()
      expect(await call).toMatchObject({ _tag: "CallCancelled" })
      await callbackEnded
      if (tool === "call_in_finally") expect(await pit.execute("recall")).toEqual(["finally"])
      await expectSound(pit)
      expect(pit.workers().map(({ pid }) => pid)).toEqual(pids)
    },
  )

  test("takes along what its callback still has open, in the same worker", async () => {
    const pit = await callbacks(1)
    let nested: Promise<Error> | undefined
    pit.tools.register("nest", (_args, context) => {
      nested = errorOf(collect(pit.stream("count", { n: 1e9 })))
      return new Promise((resolve) => context.signal.addEventListener("abort", resolve))
    })
    const call = errorOf(pit.execute("call", { tool: "nest" }, { timeout: 300 }))
    expect(await call).toMatchObject({ _tag: "CallTimeout" })
    expect(["CallCancelled", "CallTimeout"]).toContain(((await nested) as unknown as { _tag: string })._tag)
    expect(await pit.execute("recall")).toContain("closed")
    await expectSound(pit)
  })

  test("of a callback that ignores it frees the worker at once", async () => {
    const pit = await callbacks(1)
    let release = (): void => {}
    const late = new Promise<string>((resolve) => {
      release = () => resolve("late")
    })
    pit.tools.register("ignore", () => late)
    const error = await errorOf(pit.execute("call", { tool: "ignore" }, { timeout: 100 }))
    expect(error).toMatchObject({ _tag: "CallTimeout" })
    expect(await pit.execute("add", { a: 1, b: 1 })).toBe(2)
    release()
    await expectSound(pit)
  })
})

test("a session's own tools are seen by its calls only, also by nested ones", async () => {
  const pit = await callbacks(1)
  const session = pit.session("mine")
  session.tools.register("secret", () => "session")
  pit.tools.register("outer", () => pit.execute("call", { tool: "secret" }))
  pit.tools.register("who", () => pit.execute("session"))
  expect(await session.execute("call", { tool: "secret" })).toBe("session")
  expect(await session.execute("call", { tool: "outer" })).toBe("session")
  expect(await session.execute("call", { tool: "who" })).toBe("mine")
  expect(await pit.execute("call_and_catch", { tool: "secret" })).toMatchObject({ code: "unknown_tool" })
  await session.close()
  const again = pit.session("mine").execute("call_and_catch", { tool: "secret" })
  expect(await again).toMatchObject({ code: "unknown_tool" })
})
