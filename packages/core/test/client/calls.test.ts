import { afterAll, beforeAll, describe, expect, expectTypeOf, test } from "vitest"
import {
  type Adapter,
  type CallOptions,
  InvalidConfig,
  InvalidParameter,
  Snakepit,
  type SnakepitConfig,
  type StreamOptions,
  UnknownTool,
} from "../../src/index.js"
import { inProcess, memory } from "../../src/testing.js"

let seen: unknown[] = []
let pit: Snakepit

function start(hooks: Partial<Adapter> = {}, more: Partial<SnakepitConfig> = {}): Promise<Snakepit> {
  const echo = (args: object): object => {
    seen.push(args)
    return args
  }
  return Snakepit.start({
    adapter: { ...inProcess({ tools: { echo } }), ...hooks },
    transports: [memory()],
    pool: { size: 1 },
    logger: false,
    ...more,
  })
}

beforeAll(async () => {
  pit = await start()
})
afterAll(() => pit.close())

/** The errors of a call and of a stream. The worker has seen neither, and serves on. */
async function refusals(args: unknown, options?: unknown, of = pit): Promise<readonly unknown[]> {
  seen = []
  const errors = [
    await of.execute("echo", args as object, options as CallOptions).catch((error: unknown) => error),
    await of
      .stream("echo", args as object, options as StreamOptions)
      .next()
      .catch((error: unknown) => error),
  ]
  expect(seen).toEqual([])
  expect(await pit.execute("echo", { still: "there" })).toEqual({ still: "there" })
  expect(pit.workers().map(({ id }) => id)).toEqual(["default-1"])
  return errors
}

describe("a call is refused before anything is sent", () => {
  test.each<[string, unknown]>([
    ["session", { session: 42 }],
    ["session", { session: null }],
    ["meta.n", { meta: { n: 1 } }],
    ["meta", { meta: ["a"] }],
    ["meta", { meta: "text" }],
    ["meta", { meta: null }],
    ["meta", { meta: new Map([["a", "b"]]) }],
    ["signal", { signal: new AbortController() }],
    ["signal", { signal: 5 }],
    ["signal", { signal: null }],
    ["priority", { priority: "urgent" }],
    ["priority", { priority: 1 }],
    ["idempotent", { idempotent: "yes" }],
    ["options", null],
    ["options", 5],
  ])("for an option of a wrong type: %s of %o", async (key, options) => {
    for (const error of await refusals({ x: 1 }, options)) {
      expect(error).toBeInstanceOf(InvalidParameter)
      expect(error).toMatchObject({ tool: "echo", key, message: expect.stringContaining(key) })
    }
  })

  test.each<[string, unknown]>([
    ["timeout", { timeout: {} }],
    ["timeout", { timeout: Number.NaN }],
    ["timeout", { timeout: -5 }],
    ["timeout", { timeout: "soon" }],
    ["timeout", { timeout: null }],
    ["queueTimeout", { queueTimeout: {} }],
    ["queueTimeout", { queueTimeout: 5n }],
    ["pool", { pool: 5 }],
    ["pool", { pool: Symbol("pool") }],
  ])("for an option of a wrong value: %s of %o", async (key, options) => {
    for (const error of await refusals({}, options)) {
      expect(error).toBeInstanceOf(InvalidConfig)
      expect(error).toMatchObject({ key, message: expect.stringContaining(key) })
    }
  })

  test.each([5, null, "text", [1], new Date(), new Map(), () => 1])(
    "for arguments that are %o",
    async (args) => {
      for (const error of await refusals(args)) {
        expect(error).toBeInstanceOf(InvalidParameter)
        expect(error).toMatchObject({ key: "args" })
      }
    },
  )

  test("for arguments that cannot be read, naming the path", async () => {
    const broken = {
      get when(): never {
        throw new Error("no luck")
      },
    }
    for (const [args, key] of [
      [broken, "args.when"],
      [{ rows: [1, broken] }, "args.rows[1].when"],
    ] as const)
      for (const error of await refusals(args)) {
        expect(error).toBeInstanceOf(InvalidParameter)
        expect(error).toMatchObject({ key, reason: expect.stringContaining("no luck") })
      }
  })

  test.each([0, -1, 1.5, 1_048_577, Number.MAX_SAFE_INTEGER, "64"])("for a credit of %o", async (credit) => {
    const opened = pit.stream("echo", {}, { credit: credit as number }).next()
    await expect(opened).rejects.toMatchObject({
      _tag: "InvalidParameter",
      key: "credit",
      reason: expect.stringContaining("from 1 to 1048576"),
    })
    expect((await pit.stream("echo", {}, { credit: 1_048_576 }).next()).value).toMatchObject({
      isFinal: true,
    })
  })

  test("for the name of a tool that is no text", async () => {
    const error = await pit.execute(5 as unknown as string).catch((error: unknown) => error)
    expect(error).toBeInstanceOf(InvalidParameter)
    expect(error).toMatchObject({ key: "tool" })
  })

  test("for a tool that is not there, offering the one that was meant", async () => {
    const error = await pit.execute("ehco").catch((error: unknown) => error)
    expect(error).toBeInstanceOf(UnknownTool)
    expect(error).toMatchObject({
      message: 'the worker has no tool "ehco" (did you mean echo?); its tools are echo',
    })
  })

  test.each<[string, Partial<Adapter>]>([
    ["prepareArgs", { prepareArgs: () => 5 as never }],
    ["prepareArgs", { prepareArgs: () => Promise.resolve({}) as never }],
    ["commandTimeout", { commandTimeout: () => Number.NaN }],
    ["commandTimeout", { commandTimeout: () => -5 }],
    ["commandTimeout", { commandTimeout: () => "5 seconds" as never }],
  ])("for what a hook of the adapter gives: %s", async (key, hooks) => {
    await using hooked = await start(hooks)
    for (const error of await refusals({}, {}, hooked)) {
      expect(error).toBeInstanceOf(InvalidConfig)
      expect(error).toMatchObject({ key, message: expect.stringContaining(key) })
    }
  })
})

describe("arguments", () => {
  test("are read once: what is checked is what is sent", async () => {
    let reads = 0
    const args = {
      get count() {
        reads += 1
        return reads
      },
    }
    expect(await pit.execute("echo", args)).toEqual({ count: 1 })
    expect(reads).toBe(1)
  })

  test("may be changed as soon as the call is made, also while it waits in the queue", async () => {
    await using queueing = await start({}, { limits: { maxInFlight: 1 } })
    const args = { n: 1 }
    const calls = [queueing.execute("echo", args), queueing.execute("echo", args)]
    args.n = 2
    expect(await Promise.all(calls)).toEqual([{ n: 1 }, { n: 1 }])
  })

  test("may be of a type that is an interface; lists and primitives are refused by the compiler", () => {
    interface Query {
      readonly text: string
      readonly limit?: number
    }
    type Accepted = NonNullable<Parameters<Snakepit["execute"]>[1]>
    expectTypeOf<Query>().toExtend<Accepted>()
    expectTypeOf<{ readonly [key: string]: unknown }>().toExtend<Accepted>()
    expectTypeOf<readonly number[]>().not.toExtend<Accepted>()
    expectTypeOf<Map<string, number>>().not.toExtend<Accepted>()
    expectTypeOf<Uint8Array>().not.toExtend<Accepted>()
    expectTypeOf<string>().not.toExtend<Accepted>()
    expectTypeOf<number>().not.toExtend<Accepted>()
    const call = (query: Query) => pit.execute<number>("echo", query)
    expectTypeOf(call).returns.toEqualTypeOf<Promise<number>>()
  })
})
