import { afterAll, beforeAll, expect, test } from "vitest"
import { type BinaryArgs, type CallOptions, InvalidParameter, Snakepit } from "../../src/index.js"
import { inProcess, memory } from "../../src/testing.js"

let seen: unknown[] = []
let pit: Snakepit

beforeAll(async () => {
  pit = await Snakepit.start({
    adapter: inProcess({
      tools: {
        any: (args) => {
          seen.push(args)
          return args
        },
        declared: {
          run: ({ data }) => data,
          parameters: [
            { name: "data", type: "bytes", required: true },
            { name: "name", type: "string", required: false },
          ],
        },
        relay: (args, { callHostTool }) => callHostTool("host", args),
      },
    }),
    transports: [memory()],
    pool: { size: 1 },
    logger: false,
  })
})
afterAll(() => pit.close())

const bytes = Uint8Array.of(0, 10, 255)

test.each<[string, BinaryArgs[string]]>([
  ["a Uint8Array", bytes],
  ["a Buffer", Buffer.from(bytes)],
  ["an ArrayBuffer", bytes.slice().buffer],
  ["a DataView", new DataView(bytes.slice().buffer)],
])("%s arrives as bytes, beside the other arguments [VA-4]", async (_what, data) => {
  expect(await pit.execute("any", { n: 1 }, { binary: { data } })).toStrictEqual({ n: 1, data: bytes })
  const [chunk] = [await pit.stream("any", {}, { binary: { data } }).next()]
  expect(chunk.value).toMatchObject({ isFinal: true, data: { data: bytes } })
})

test("they count as declared arguments", async () => {
  expect(await pit.execute("declared", {}, { binary: { data: bytes } })).toStrictEqual(bytes)
  const error = await pit
    .execute("declared", {}, { binary: { date: bytes } })
    .catch((cause: unknown) => cause)
  expect(error).toMatchObject({ _tag: "InvalidParameter", key: "args.data", reason: "is required" })
  const other = { binary: { data: bytes, name: bytes } }
  const wrong = await pit.execute("declared", {}, other).catch((cause: unknown) => cause)
  expect(wrong).toMatchObject({ key: "args.name" })
})

test("a tool of the host sees bytes, too", async () => {
  const arrived: unknown[] = []
  pit.tools.register("host", (args) => void arrived.push(args))
  await pit.execute("relay", { n: 1 }, { binary: { data: Buffer.from(bytes) } })
  expect(arrived).toStrictEqual([{ n: 1, data: bytes }])
})

test("one that is undefined is left out; names that objects inherit are names", async () => {
  const binary = { mask: undefined, toString: bytes, ["__proto__"]: bytes }
  const back = await pit.execute<object>("any", {}, { binary: binary as unknown as BinaryArgs })
  expect(Object.entries(back)).toStrictEqual([
    ["toString", bytes],
    ["__proto__", bytes],
  ])
})

test.each<[string, string, unknown]>([
  ["text", "binary.data", { data: "text" }],
  ["a number", "binary.data", { data: 5 }],
  ["null", "binary.data", { data: null }],
  ["an array", "binary.data", { data: [1, 2] }],
  ["an object", "binary.data", { data: { bytes } }],
  ["numbers that are no bytes", 'binary["a b"]', { "a b": Float32Array.of(1) }],
  ["a name that args has, too", "binary.n", { n: bytes }],
  ["a list", "binary", [bytes]],
  ["bytes", "binary", bytes],
  ["nothing", "binary", null],
  [
    "what cannot be read",
    "binary.data",
    {
      get data(): never {
        throw new Error("no luck")
      },
    },
  ],
])("%s is refused before anything is sent", async (_what, key, binary) => {
  seen = []
  const options = { binary } as CallOptions
  for (const call of [pit.execute("any", { n: 1 }, options), pit.stream("any", { n: 1 }, options).next()]) {
    const error = await call.catch((cause: unknown) => cause)
    expect(error).toBeInstanceOf(InvalidParameter)
    expect(error).toMatchObject({ key, tool: "any" })
  }
  expect(seen).toEqual([])
})
