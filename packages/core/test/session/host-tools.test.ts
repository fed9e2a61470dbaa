import { describe, expect, onTestFinished, test } from "vitest"
import {
  type HostToolArgs,
  type HostToolContext,
  type HostToolHandler,
  type HostToolOptions,
  InvalidConfig,
  Snakepit,
} from "../../src/index.js"
import { inProcess, memory, type ToolContext } from "../../src/testing.js"

type Ask = { readonly tool: string; readonly args?: HostToolArgs }

async function start(): Promise<Snakepit> {
  const pit = await Snakepit.start({
    adapter: inProcess({
      tools: {
        ask: ({ tool, args }: Ask, { callHostTool }: ToolContext) => callHostTool(tool, args),
        all: async ({ tool, args }: Ask, { streamHostTool }: ToolContext) => {
          const values: unknown[] = []
          for await (const value of streamHostTool(tool, args)) values.push(value)
          return values
        },
      },
    }),
    transports: [memory()],
    pool: { size: 1 },
    logger: false,
  })
  onTestFinished(() => pit.close())
  return pit
}

const handler = () => 1

describe("a host tool is refused for", () => {
  test.each<[string, unknown, unknown, unknown?]>([
    ["a name with a space", "a b", handler],
    ["an empty name", "", handler],
    ["a name of 65 letters", "x".repeat(65), handler],
    ["a name that is no text", 5, handler],
    ["a name that is a symbol", Symbol("name"), handler],
    ["a name of the library's", "snakepit.mine", handler],
    ["a number in place of a function", "x", 5],
    ["no function", "x", undefined],
    ["options that are no object", "x", handler, 5],
    ["a session that is no text", "x", handler, { session: 5 }],
    ["a description that is no text", "x", handler, { description: 5 }],
    ["a schema that is none", "x", handler, { schema: { type: "object" } }],
    ["parameters that are no list", "x", handler, { parameters: {} }],
    ["a parameter without a name", "x", handler, { parameters: [{ type: "any" }] }],
    [
      "a default that cannot be sent",
      "x",
      handler,
      { parameters: [{ name: "f", type: "any", default: handler }] },
    ],
    ["a streaming that is neither true nor false", "x", handler, { streaming: 1 }],
  ])("%s", async (_what, name, tool, options) => {
    const pit = await start()
    const register = () =>
      pit.tools.register(
        name as string,
        tool as HostToolHandler<unknown>,
        options as HostToolOptions<undefined>,
      )
    expect(register).toThrow(InvalidConfig)
    expect(pit.tools.list().host).toEqual([])
  })

  test("a name that is taken, but not for one that another session has", async () => {
    const pit = await start()
    pit.tools.register("x", handler)
    pit.tools.register("x", handler, { session: "a" })
    pit.tools.register("x", handler, { session: "b" })
    expect(() => pit.tools.register("x", handler)).toThrow("registered already")
    expect(() => pit.tools.register("x", handler, { session: "a" })).toThrow("registered already")
    expect(pit.tools.unregister("x", { session: "a" })).toBe(true)
    expect(pit.tools.unregister("x", { session: "a" })).toBe(false)
    pit.tools.register("x", handler, { session: "a" })
  })

  test("being the 1,025th, of those of everybody and of each session", async () => {
    const pit = await start()
    for (const session of [undefined, "a", "b"]) {
      const options = session === undefined ? {} : { session }
      for (let n = 0; n < 1024; n += 1) pit.tools.register(`x${n}`, handler, options)
      expect(() => pit.tools.register("more", handler, options)).toThrow("1024")
    }
  })
})

test("a session is refused whose id is no text", async () => {
  const pit = await start()
  expect(() => pit.session(5 as unknown as string)).toThrow(InvalidConfig)
})

describe("the list of host tools", () => {
  const parameters = [{ name: "n", type: "integer" as const, default: 3 }]

  test("says what is known of each, and what a session sees", async () => {
    const pit = await start()
    const session = pit.session("mine")
    pit.tools.register("plain", handler, { description: "Plain.", parameters })
    pit.tools.register("rows", function* () {})
    pit.tools.register("cursor", handler, { streaming: true })
    session.tools.register("plain", async function* () {}, { description: "Mine." })
    session.tools.register("secret", handler)
    const plain = {
      name: "plain",
      description: "Plain.",
      session: null,
      streaming: false,
      parameters: [{ ...parameters[0], required: false }],
    }
    const nothing = { description: "", session: null, streaming: true, parameters: [] }
    const others = [
      { ...nothing, name: "rows" },
      { ...nothing, name: "cursor" },
    ]
    const own = [
      { name: "plain", description: "Mine.", session: "mine", streaming: true, parameters: [] },
      { name: "secret", description: "", session: "mine", streaming: false, parameters: [] },
    ]
    expect(pit.tools.list().host).toEqual([plain, ...others])
    expect(pit.tools.list({ session: "mine" }).host).toEqual([own[0], ...others, own[1]])
    expect(pit.tools.list({ session: "yours" }).host).toEqual([plain, ...others])
    expect(session.tools.list()).toEqual(own)
    expect(pit.session("yours").tools.list()).toEqual([])
  })

  test("is a tool itself, and tells what its caller may use", async () => {
    const pit = await start()
    pit.tools.register("plain", handler, { parameters })
    pit.session("mine").tools.register("secret", handler)
    const told = pit.tools.list().host.map((info) => ({ ...info, session: false }))
    const ask = { tool: "snakepit.tools.list" }
    expect(await pit.execute("ask", ask)).toEqual(told)
    const secret = { name: "secret", description: "", session: true, streaming: false, parameters: [] }
    expect(await pit.session("mine").execute("ask", ask)).toEqual([...told, secret])
  })

  test("has no names of the library's, and none of them can be guessed", async () => {
    const pit = await start()
    await expect(pit.execute("ask", { tool: "snakepit.nothing" })).rejects.toThrow("has no tool")
    expect(pit.tools.list().host).toEqual([])
  })
})

describe("a host tool streams", () => {
  const streaming: { readonly [name: string]: () => unknown } = {
    *generator() {
      yield 1
      yield Promise.resolve(2)
      return 3
    },
    async *async_generator() {
      yield 1
      yield 2
      return 3
    },
    iterator: () => [1, 2, 3].values(),
    promise: async () => new Set([1, 2, 3]).values(),
    async_iterable: () => ReadableStream.from([1, 2, 3]),
  }

  test.each(Object.keys(streaming))("what a handler gives by: %s", async (name) => {
    const pit = await start()
    pit.tools.register("rows", streaming[name] ?? handler)
    expect(await pit.execute("all", { tool: "rows" })).toEqual([1, 2, 3])
    await expect(pit.execute("ask", { tool: "rows" })).rejects.toThrow("call it as a stream")
  })

  test.each<[string, unknown]>([
    ["a list", [1, 2]],
    ["a text", "ab"],
    ["bytes", new Uint8Array([1, 2])],
  ])("but not %s, which is a value", async (_what, value) => {
    const pit = await start()
    pit.tools.register("value", () => value)
    expect(await pit.execute("ask", { tool: "value" })).toEqual(value)
    expect(await pit.execute("all", { tool: "value" })).toEqual([value])
  })
})

test("the context tells the deadline of the tool that calls", async () => {
  const pit = await start()
  const deadlines: (Date | undefined)[] = []
  pit.tools.register("note", (_args, { deadline }: HostToolContext) => void deadlines.push(deadline))
  const before = Date.now()
  await pit.execute("ask", { tool: "note" }, { timeout: "1 hour" })
  await pit.execute("ask", { tool: "note" }, { timeout: Infinity })
  const [first, second] = deadlines
  expect(first?.getTime()).toBeGreaterThanOrEqual(before + 3_599_000)
  expect(first?.getTime()).toBeLessThanOrEqual(Date.now() + 3_600_000)
  expect(second).toBeUndefined()
})
