import { defineAdapter, Snakepit } from "@snakepit/core"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { collect, config, errorOf, start, tools } from "./helpers.js"

let pit: Snakepit
beforeAll(async () => {
  pit = await Snakepit.start(config("counting:Counting"))
})
afterAll(() => pit.close())

/** The call fails with this, and no worker has seen it, as a call or as a stream. */
async function refused(tool: string, args: Record<string, unknown>, expected: object): Promise<void> {
  const before = await pit.execute<number>("seen")
  const errors = [await errorOf(pit.execute(tool, args)), await errorOf(pit.stream(tool, args).next())]
  for (const error of errors) {
    expect(error).toMatchObject({ tool, ...expected })
    expect(error.message).toContain(`"${tool}"`)
    expect(error.stack).toContain("parameters.test.ts")
  }
  expect(await pit.execute("seen")).toBe(before + 1)
}

const invalid = (key: string, reason: RegExp) => ({
  _tag: "InvalidParameter",
  key,
  reason: expect.stringMatching(reason),
})

describe("before any worker sees it, a call is refused", () => {
  test("of a tool that is not there, naming those that are", async () => {
    await refused(
      "ad",
      {},
      { _tag: "UnknownTool", message: expect.stringContaining("add, anything, optional") },
    )
    await refused("set_session_context", {}, { _tag: "UnknownTool" })
    await refused("__init__", {}, { _tag: "UnknownTool" })
  })

  test("that lacks a parameter", async () => {
    await refused("add", {}, invalid("args.a", /is required/))
    await refused("add", { a: undefined }, invalid("args.a", /is required/))
  })

  test("that has one too many, naming those there are", async () => {
    await refused("add", { a: 1, c: 2 }, invalid("args.c", /not a parameter of add; its parameters are a, b/))
    await refused("seen", { a: 1 }, invalid("args.a", /takes none/))
  })

  test.each<[string, Record<string, unknown>, string]>([
    ["add", { a: "1" }, "args.a"],
    ["add", { a: 1.5 }, "args.a"],
    ["add", { a: null }, "args.a"],
    ["add", { a: 1, b: "x" }, "args.b"],
    ["plan", { rows: {} }, "args.rows"],
    ["plan", { rows: [{}, {}, {}, { when: "2026" }] }, "args.rows[3].when"],
    ["plan", { rows: [{ "odd key": 1 }] }, 'args.rows[0]["odd key"]'],
    ["plan", { rows: [], mode: "medium" }, "args.mode"],
    ["optional", { name: 1 }, "args.name"],
    ["optional", { data: "text" }, "args.data"],
    ["optional", { flag: 1 }, "args.flag"],
  ])("of the wrong type: %s %o at %s", async (tool, args, path) => {
    await refused(tool, args, invalid(path, /./))
  })

  test.each<[string, unknown, string, RegExp]>([
    ["a function", { deep: [() => 1] }, "args.value.deep[0]", /function/],
    ["a symbol", Symbol("s"), "args.value", /symbol/],
    ["a class instance", [new (class Model {})()], "args.value[0]", /Model/],
    ["a map", { m: new Map() }, "args.value.m", /Map/],
    ["undefined in an array", [1, undefined], "args.value[1]", /undefined/],
    ["half a character", { text: "\ud800" }, "args.value.text", /surrogate|Unicode/i],
    ["an invalid date", [new Date(Number.NaN)], "args.value[0]", /date/i],
  ])("that holds what cannot travel: %s", async (_name, value, path, reason) => {
    await refused("anything", { value }, invalid(path, reason))
  })

  test("that contains itself, or nests too deep", async () => {
    const circular: Record<string, unknown> = {}
    circular.rows = [{ back: circular }]
    const before = await pit.execute<number>("seen")
    expect(await errorOf(pit.execute("anything", { value: circular }))).toMatchObject({
      _tag: "InvalidParameter",
    })
    let deep: unknown = 1
    for (let i = 0; i < 200; i += 1) deep = [deep]
    expect(await errorOf(pit.execute("anything", { value: deep }))).toMatchObject({
      _tag: "InvalidParameter",
    })
    expect(await pit.execute("seen")).toBe(before + 1)
  })

  test("of a streaming tool that is not streamed, naming stream()", async () => {
    const error = await errorOf(pit.execute("stream", { n: 1 }))
    expect(error).toMatchObject({ _tag: "InvalidParameter", tool: "stream" })
    expect(error.message).toContain("use stream()")
  })

  test("that is larger than the limits; the next one is served", async () => {
    const small = await start(
      "counting:Counting",
      {},
      { limits: { maxFrameBytes: 4096, maxAttachmentBytes: 4096 } },
    )
    for (const value of ["x".repeat(5000), new Uint8Array(5000)]) {
      const error = await errorOf(small.execute("anything", { value }))
      expect(error).toMatchObject({ _tag: "InvalidParameter", tool: "anything" })
      expect(error.message).toMatch(/max(Frame|Attachment)Bytes/)
    }
    expect(await small.execute("seen")).toBe(0)
  })
})

describe("a call is taken", () => {
  test("with what its parameters say, defaults included", async () => {
    expect(await pit.execute("add", { a: 1 })).toBe(2.5)
    expect(await pit.execute("add", { a: 1, b: 2 })).toBe(3)
    expect(await pit.execute("add", { a: 2n ** 60n, b: 0 })).toBe(2n ** 60n)
    expect(await pit.execute("plan", { rows: [{ when: new Date() }], mode: "slow" })).toBe(1)
    expect(await pit.execute("optional", { name: null, data: new Uint8Array(3), flag: true })).toEqual([
      null,
      3,
      true,
    ])
  })

  test("with undeclared arguments by a tool that takes them, and without those that are undefined", async () => {
    const args = { value: 1, other: 2, left: undefined }
    expect(await pit.execute("anything", args)).toEqual({ value: 1, extra: { other: 2 } })
  })

  test("by a unary tool as a stream of one final chunk", async () => {
    const chunks = await collect(pit.stream("add", { a: 1 }))
    expect(chunks).toMatchObject([{ isFinal: true, data: 2.5, metadata: { worker_id: "default-1" } }])
  })
})

test("an adapter's own hooks say what is called with what, and what comes back", async () => {
  const { launch } = tools("counting:Counting")
  const adapter = defineAdapter({
    name: "hooked",
    launch,
    supportedCommands: ["add", "stream", "seen"],
    prepareArgs: (command, args) => (command === "add" ? { b: 10, ...args } : args),
    validateCommand: (_command, args) => (args.a === 13 ? "13 is unlucky" : undefined),
    processResponse: (command, value) => (command === "seen" ? value : { [command]: value }),
    commandTimeout: () => 60_000,
  })
  const hooked = await start("counting:Counting", {}, { adapter })
  expect(await hooked.execute("add", { a: 1 })).toEqual({ add: 11 })
  const [first] = await collect(hooked.stream("stream", { n: 1 }))
  expect(first?.data).toEqual({ stream: 0 })
  const unlucky = await errorOf(hooked.execute("add", { a: 13 }))
  expect(unlucky).toMatchObject({ _tag: "InvalidParameter", reason: "13 is unlucky" })
  expect(await errorOf(hooked.execute("plan", { rows: [] }))).toMatchObject({ _tag: "UnknownTool" })
  expect(await hooked.execute("seen")).toBe(2)
})
