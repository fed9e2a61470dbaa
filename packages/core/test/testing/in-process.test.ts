import { describe, expect, test } from "vitest"
import type { LogRecord } from "../../src/index.js"
import { inProcess, memory, StreamChunk } from "../../src/testing.js"
import { start, type Tools, turn } from "./helpers.js"

describe("a worker made by inProcess", () => {
  test("serves values, promises and async iterables", async () => {
    const pit = await start({
      add: ({ a, b }: { a: number; b: number }) => a + b,
      later: async () => "later",
      nothing: () => {},
      async *count({ to }: { to: number }) {
        for (let n = 0; n < to; n += 1) yield n
        return "done"
      },
    })
    expect(await pit.execute("add", { a: 2, b: 3 })).toBe(5)
    expect(await pit.execute("later")).toBe("later")
    expect(await pit.execute("nothing")).toBeNull()
    const data: unknown[] = []
    for await (const chunk of pit.stream("count", { to: 2 })) data.push(chunk.data)
    expect(data).toEqual([0, 1, "done"])
  })

  test("marks chunks as a Python tool can", async () => {
    const pit = await start({
      async *steps() {
        yield new StreamChunk({ step: 1 }, { metadata: { source: "a" } })
        yield new StreamChunk({ step: 2 }, { isFinal: true })
        throw new Error("nobody asks for more")
      },
    })
    const chunks = []
    for await (const chunk of pit.stream("steps")) chunks.push(chunk)
    expect(chunks).toMatchObject([
      { isFinal: false, data: { step: 1 }, metadata: { source: "a" } },
      { isFinal: true, data: { step: 2 } },
    ])
    expect(chunks[1]?.metadata).not.toHaveProperty("synthetic_final")
  })

  test("declares its tools, so that arguments are checked before it is asked", async () => {
    let asked = 0
    const run = (): void => {
      asked += 1
    }
    const pit = await start({
      strict: { run, description: "Adds.", parameters: [{ name: "n", type: "integer", required: true }] },
      loose: run,
    })
    expect(pit.tools.list().pools.default).toEqual([
      {
        name: "strict",
        description: "Adds.",
        streaming: false,
        extra: false,
        parameters: [{ name: "n", type: "integer", required: true }],
      },
      { name: "loose", description: "", streaming: false, extra: true, parameters: [] },
    ])
    await expect(pit.execute("strict", { n: "1" })).rejects.toMatchObject({ key: "args.n" })
    await expect(pit.execute("strict", { n: 1, m: 1 })).rejects.toMatchObject({ key: "args.m" })
    await expect(pit.execute("other")).rejects.toMatchObject({ _tag: "UnknownTool" })
    expect(asked).toBe(0)
    await pit.execute("loose", { anything: 1 })
    expect(asked).toBe(1)
  })

  test.each([
    [1, 1],
    [3, 3],
  ])("runs its calls %i at a time, in order", async (concurrency, most) => {
    const begun: unknown[] = []
    let running = 0
    let peak = 0
    const pit = await start(
      {
        async work({ n }: { n: number }) {
          begun.push(n)
          running += 1
          peak = Math.max(peak, running)
          await turn()
          running -= 1
        },
      },
      {},
      concurrency,
    )
    await Promise.all([0, 1, 2, 3, 4, 5].map((n) => pit.execute("work", { n })))
    expect(begun).toEqual([0, 1, 2, 3, 4, 5])
    expect(peak).toBe(most)
  })

  test("sends log records of the levels that are wanted", async () => {
    const records: LogRecord[] = []
    const tools: Tools = {
      talk: (_args, { log }) => {
        log("debug", "psst")
        log("info", "hello")
        log("error", "help")
      },
    }
    const pit = await start(tools, { logger: (record) => void records.push(record) })
    await pit.execute("talk")
    const origin = { source: "log", workerId: "default-1", pool: "default", tool: "talk" }
    expect(records).toEqual([
      { level: "debug", message: "psst", ...origin },
      { level: "info", message: "hello", ...origin },
      { level: "error", message: "help", ...origin },
    ])
    const silent: string[] = []
    const quiet = await start(tools, { logger: false })
    quiet.on("snakepit.log", ({ metadata }) => silent.push(metadata.message))
    await quiet.execute("talk")
    expect(silent).toEqual(["hello", "help"])
  })

  test("describes errors as well as they can be", async () => {
    const throws: Record<string, () => unknown> = {
      plain: () => new TypeError("no"),
      text: () => "just text",
      bare: () => Object.create(null),
      nameless: () => Object.assign(new Error("odd"), { name: 7 }),
      mute: () =>
        Object.defineProperty(new Error(), "message", {
          get() {
            throw new Error("not even this")
          },
        }),
    }
    const pit = await start({
      fail: ({ how }: { how: string }) => {
        throw throws[how]?.()
      },
    })
    const messages: unknown[] = []
    for (const how of Object.keys(throws)) {
      messages.push(await pit.execute("fail", { how }).catch((error: Error) => error.message))
    }
    expect(messages).toEqual([
      "TypeError: no",
      "Error: just text",
      "Error: not describable",
      "Error: odd",
      "Error: Error without a readable message",
    ])
  })

  test("answers with what fits when an error is beyond a limit", async () => {
    const pit = await start(
      {
        fail: () => {
          throw new RangeError("\u0001".repeat(100_000))
        },
      },
      { limits: { maxFrameBytes: 1024 } },
    )
    await expect(pit.execute("fail")).rejects.toMatchObject({ _tag: "ToolError", type: "RangeError" })
  })

  test("needs the transport memory, and says which ones it passed over", async () => {
    const carrier = { ...memory(), name: "pigeon" }
    const starting = start({}, { transports: [carrier] })
    await expect(starting).rejects.toMatchObject({
      _tag: "StartFailed",
      reason: "transport",
      message: expect.stringContaining("memory()"),
      skipped: [{ transport: "pigeon", reason: expect.any(String) }],
    })
    const pit = await start({ ready: () => true }, { transports: [carrier, memory()] })
    expect(pit.workers()).toMatchObject([{ transport: "memory", pid: null, runtime: { name: "node" } }])
  })

  test("[LI-4] cannot start with more than 1,024 tools", async () => {
    const tools = (count: number): Tools =>
      Object.fromEntries(Array.from({ length: count }, (_, n) => [`tool_${n}`, () => n]))
    expect(await (await start(tools(1024))).execute("tool_1023")).toBe(1023)
    const error = { _tag: "StartFailed", message: expect.stringContaining("1024") }
    await expect(start(tools(1025))).rejects.toMatchObject(error)
  })

  test("refuses names and numbers that cannot be", () => {
    expect(() => inProcess({ tools: { "a b": () => {} } })).toThrow('"a b" is not a tool name')
    expect(() => inProcess({ tools: {}, concurrency: 0 })).toThrow("concurrency")
  })
})
