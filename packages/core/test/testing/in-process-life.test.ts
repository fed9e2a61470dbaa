import { describe, expect, test } from "vitest"
import type { ToolContext } from "../../src/testing.js"
import { aborted, gate, start, turn } from "./helpers.js"

describe("the life of a worker made by inProcess", () => {
  test("tells a tool about its call, and aborts its signal with the call", async () => {
    const seen: ToolContext[] = []
    const started = gate()
    const pit = await start({
      wait: (_args, context) => {
        seen.push(context)
        started.open()
        return aborted(context)
      },
      ready: () => "still here",
    })
    const leave = new AbortController()
    const call = pit.execute("wait", {}, { session: "s", meta: { k: "v" }, signal: leave.signal })
    await started.passed
    leave.abort()
    await expect(call).rejects.toMatchObject({ _tag: "CallCancelled" })
    expect(await pit.execute("ready")).toBe("still here")
    expect(seen).toMatchObject([{ session: "s", meta: { k: "v" }, signal: { aborted: true } }])
    expect(pit.workers().map((worker) => worker.id)).toEqual(["default-1"])
  })

  test("is replaced when a tool refuses to stop", async () => {
    const started = gate()
    const pit = await start({
      refuse: () => {
        started.open()
        return new Promise(() => {})
      },
      ready: () => "ready",
    })
    const leave = new AbortController()
    const call = pit.execute("refuse", {}, { signal: leave.signal })
    await started.passed
    leave.abort()
    await expect(call).rejects.toMatchObject({ _tag: "CallCancelled" })
    expect(await pit.execute("ready")).toBe("ready")
    expect(pit.workers().map((worker) => worker.id)).toEqual(["default-2"])
  })

  test("can crash, which fails the running call and is mended", async () => {
    const pit = await start({
      die: (_args, context) => context.crash("out of memory"),
      ready: () => "ready",
    })
    const [died, next] = await Promise.allSettled([pit.execute("die"), pit.execute("ready")])
    expect(died).toMatchObject({ reason: { _tag: "WorkerCrashed", tool: "die" } })
    expect(died).toMatchObject({ reason: { message: expect.stringContaining("out of memory") } })
    expect(next).toMatchObject({ value: "ready" })
  })

  test("calls tools of the host, which may call back into it while it waits", async () => {
    const pit = await start({
      outer: async ({ n }: { n: number }, { callHostTool }) =>
        1 + (await callHostTool<number>("twice", { n })),
      double: ({ n }: { n: number }) => 2 * n,
    })
    pit.tools.register("twice", ({ n }, { execute }) => execute("double", { n }))
    expect(await pit.execute("outer", { n: 20 })).toBe(41)
  })

  test("gets the host's errors as call errors", async () => {
    const pit = await start({
      ask: ({ tool }: { tool: string }, { callHostTool }) => callHostTool(tool).catch((error) => error._tag),
      send: (_args, { callHostTool }) => callHostTool("fail", { f: () => {} }),
    })
    pit.tools.register("fail", () => {
      throw new RangeError("too far")
    })
    expect(await pit.execute("ask", { tool: "fail" })).toBe("ToolError")
    expect(await pit.execute("ask", { tool: "missing" })).toBe("UnknownTool")
    await expect(pit.execute("send")).rejects.toMatchObject({ code: "not_serializable" })
  })

  test("leaves no call to the host behind when the call that made it ends", async () => {
    const asked = gate()
    const given = gate()
    const outcomes: Promise<unknown>[] = []
    const pit = await start({
      leave: async (_args, { callHostTool }) => {
        outcomes.push(callHostTool("slow").catch((error) => error._tag))
        await asked.passed
      },
      late: (_args, context) => {
        setImmediate(() => outcomes.push(context.callHostTool("slow").catch((error) => error._tag)))
      },
    })
    pit.tools.register("slow", (_args, { signal }) => {
      signal.addEventListener("abort", () => given.open())
      asked.open()
      return given.passed
    })
    await pit.execute("leave")
    await given.passed
    await pit.execute("late")
    await turn()
    await turn()
    expect(await Promise.all(outcomes)).toEqual(["CallCancelled", "CallCancelled"])
  })

  test("finishes what it was sent before it leaves", async () => {
    const pit = await start({ work: () => turn().then(() => "done") })
    const calls = [1, 2, 3].map(() => pit.execute("work"))
    await pit.close()
    expect(await Promise.all(calls)).toEqual(["done", "done", "done"])
    expect(pit.workers()).toEqual([])
  })
})
