import assert from "node:assert/strict"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { InvalidValue } from "../../src/protocol/invalid-value.js"
import { JsonEncoder } from "../../src/protocol/json-encode.js"
import { encodeFrame } from "../../src/protocol/json-frame.js"
import { decodeFrame } from "../../src/protocol/json-line.js"
import { defaultLimits } from "../../src/protocol/limits.js"
import { dtypes, Tensor } from "../../src/protocol/tensor.js"
import { ZonedDate } from "../../src/protocol/zoned-date.js"

const limits = defaultLimits

/** Sends a value as a result and reads it back. */
function roundTrip(value: unknown, attachments = true): unknown {
  const encoded = encodeFrame({ type: "result", id: 1, value }, { limits, attachments })
  const attachmentsRead = encoded.attachments.map((bytes) => new Uint8Array(bytes))
  const frame = decodeFrame(encoded.text, attachmentsRead, { limits })
  if (frame?.type !== "result") throw new Error("not a result")
  return frame.value
}

/** The refusal of `args`. */
function refusal(args: { readonly [key: string]: unknown }): InvalidValue {
  try {
    encodeFrame({ type: "call", id: 1, tool: "t", args }, { limits, attachments: true })
  } catch (error) {
    if (error instanceof InvalidValue) return error
    throw error
  }
  throw new Error("it was not refused")
}

const beyondSafe = fc.bigInt().filter((n) => n > Number.MAX_SAFE_INTEGER || n < Number.MIN_SAFE_INTEGER)
const utcDate = fc.date({
  min: new Date("0001-01-01T00:00:00Z"),
  max: new Date("9999-12-31T23:59:59Z"),
  noInvalidDate: true,
})
const key = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.constantFrom("$", "__proto__", "constructor", "", "toString", "$v"),
)
const tensor = fc.constantFrom(...dtypes).chain((dtype) => {
  const width =
    Tensor.fromBytes(dtype, [0], new Uint8Array(0)).data.BYTES_PER_ELEMENT *
    (dtype.startsWith("complex") ? 2 : 1)
  return fc
    .uint8Array({ minLength: 3 * width, maxLength: 3 * width })
    .map((bytes) => Tensor.fromBytes(dtype, [3, 1], bytes))
})
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom<unknown>(
      null,
      true,
      false,
      -0,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      2 ** 53,
    ),
    fc.maxSafeInteger(),
    fc.double(),
    beyondSafe,
    fc.string({ unit: "binary" }),
    fc.uint8Array(),
    utcDate,
    tensor,
    fc.array(tie("value"), { maxLength: 5 }),
    fc.array(fc.tuple(key, tie("value")), { maxLength: 5 }).map((entries) => Object.fromEntries(entries)),
  ),
}))

describe("values arrive as what they were", () => {
  test.each([true, false])(
    "whatever they are, attachments: %s [VA-1] [VA-2] [VA-3] [VA-4] [VA-5] [VA-6] [VA-7] [JS-4] [JS-5]",
    (attachments) => {
      fc.assert(
        fc.property(value, (original) => assert.deepEqual(roundTrip(original, attachments), original)),
      )
    },
  )

  test("I1: NaN, infinities and -0 [VA-3]", () => {
    const list = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 0]
    const arrived = roundTrip(list)
    if (!Array.isArray(arrived)) throw new Error("not an array")
    expect(arrived.map((entry, index) => Object.is(entry, list[index]))).toEqual([
      true,
      true,
      true,
      true,
      true,
    ])
  })

  test("I2: integers beyond 2^53 as bigint, within as number; a huge number stays a float [VA-1] [VA-2]", () => {
    expect(roundTrip([2n ** 53n, -(2n ** 64n), 5n])).toStrictEqual([2n ** 53n, -(2n ** 64n), 5])
    const { text } = encodeFrame(
      { type: "result", id: 1, value: [2 ** 53, 1] },
      { limits, attachments: true },
    )
    expect(JSON.parse(text).value).toEqual([{ $: "float", value: "9007199254740992" }, 1])
  })

  test("I3: dates keep instant, offset and digits [VA-5]", () => {
    const zoned = new ZonedDate("2026-01-31T12:00:00.123456+02:00")
    const arrived = roundTrip({ zoned, utc: new Date(1234) })
    expect(arrived).toStrictEqual({ zoned, utc: new Date(1234) })
    expect(arrived).toHaveProperty("zoned.iso", zoned.iso)
  })

  test.each<[string, unknown]>([
    ["Buffer", Buffer.from("abc")],
    ["ArrayBuffer", new Uint8Array([97, 98, 99]).buffer],
    ["DataView", new DataView(new Uint8Array([0, 97, 98, 99, 0]).buffer, 1, 3)],
    ["a part of an array", new Uint8Array([0, 97, 98, 99]).subarray(1)],
  ])("I4: bytes from %s [VA-4]", (_name, bytes) => {
    expect(roundTrip({ deep: [bytes] })).toStrictEqual({ deep: [new Uint8Array([97, 98, 99])] })
  })

  test("other typed arrays are tensors of one dimension [VA-6]", () => {
    expect(roundTrip(new Float32Array([1, 2]))).toStrictEqual(
      new Tensor("float32", [2], new Float32Array([1, 2])),
    )
    expect(roundTrip(new BigInt64Array([-1n]))).toStrictEqual(
      new Tensor("int64", [1], new BigInt64Array([-1n])),
    )
  })

  test("I8: keys with a meaning elsewhere are data, and pollute nothing [VA-7]", () => {
    const map = JSON.parse('{"__proto__":{"polluted":true,"when":0},"constructor":{"prototype":1}}')
    map.__proto__.when = new Date(0)
    // vitest takes a key named constructor for the class of a map.
    assert.deepEqual(roundTrip(map), map)
    expect({}).not.toHaveProperty("polluted")
  })

  test("an undefined entry is dropped, an undefined result is null [VA-9]", () => {
    expect(roundTrip({ a: undefined, b: 1, $: undefined })).toStrictEqual({ b: 1 })
    expect(roundTrip(undefined)).toBeNull()
  })

  test("a map without a prototype is a map", () => {
    expect(roundTrip(Object.assign(Object.create(null), { a: 1n << 60n }))).toStrictEqual({ a: 1n << 60n })
  })

  test("the same object twice is no circle", () => {
    const shared = { when: new Date(5) }
    expect(roundTrip([shared, shared])).toStrictEqual([{ when: new Date(5) }, { when: new Date(5) }])
  })
})

describe("encoding copies nothing without need", () => {
  const encode = (original: unknown): unknown =>
    new JsonEncoder({ limits, attachments: true }).encode(original, "args")

  test("plain values are returned as they are", () => {
    const plain = { a: [1, "x", null, { b: true }], c: undefined }
    expect(encode(plain)).toBe(plain)
  })

  test("the original is never changed", () => {
    const inner = { keep: [1] }
    const original = { when: new Date(0), inner }
    const encoded = encode(original)
    expect(original.when).toStrictEqual(new Date(0))
    expect(encoded).toHaveProperty("inner", inner)
    expect(encoded).not.toBe(original)
  })

  test("attachments are not copied", () => {
    const bytes = new Uint8Array(5)
    const { attachments } = encodeFrame(
      { type: "result", id: 1, value: [bytes] },
      { limits, attachments: true },
    )
    expect(attachments[0]).toBe(bytes)
  })
})

describe("what cannot be represented is refused, with type and path [VA-8]", () => {
  class Point {
    toJSON(): string {
      return "point"
    }
  }
  const circle: { [key: string]: unknown } = { list: [{}] }
  circle.list = [{ back: circle }]

  test.each<[string, { readonly [key: string]: unknown }, string, RegExp]>([
    ["I14: a function", { f: () => 1 }, "args.f", /function/],
    ["I14: a symbol", { rows: [0, { s: Symbol("x") }] }, "args.rows[1].s", /symbol/],
    ["I14: undefined in an array [VA-9]", { rows: [1, undefined] }, "args.rows[1]", /undefined/],
    ["a hole in an array [VA-9]", { rows: [1, , 3] }, "args.rows[1]", /undefined/],
    ["I5: a circle", { a: circle }, "args.a.list[0].back", /circular: the same as args\.a$/],
    ["I7: a lone surrogate", { rows: ["ok", "\ud800"] }, "args.rows[1]", /surrogate/],
    ["I7: a lone surrogate in a key", { a: { "x\udc00": 1 } }, 'args.a["x\\udc00"]', /surrogate/],
    ["a Map", { rows: [0, 1, 2, { when: new Map() }] }, "args.rows[3].when", /Map/],
    ["a Set", { s: new Set() }, "args.s", /Set/],
    ["a RegExp", { r: /x/ }, "args.r", /RegExp/],
    ["a URL", { u: new URL("http://x") }, "args.u", /URL/],
    ["an Error", { e: new TypeError("x") }, "args.e", /TypeError/],
    ["a Promise", { p: Promise.resolve() }, "args.p", /Promise/],
    ["a class instance with toJSON", { "a b": new Point() }, 'args["a b"]', /Point/],
    ["an invalid Date", { d: new Date(Number.NaN) }, "args.d", /Date/],
    ["a Date that not every language has", { d: new Date("+010000-01-01T00:00:00Z") }, "args.d", /Date/],
    ["I10: a bigint of 5,000 digits", { n: 10n ** 5000n }, "args.n", /5001 digits/],
  ])("%s", (_name, args, path, reason) => {
    const error = refusal(args)
    expect(error.path).toBe(path)
    expect(error.reason).toMatch(reason)
    expect(error.message).toContain(path)
  })

  test("I9: a depth of 200,000 [LI-3]", () => {
    let deep: unknown = []
    for (let level = 0; level < 200_000; level++) deep = [deep]
    expect(refusal({ deep }).reason).toMatch(/nests deeper than 128 levels/)
  })

  test("128 levels pass, 129 do not [LI-3]", () => {
    const nested = (levels: number): unknown => JSON.parse("[".repeat(levels) + "]".repeat(levels))
    expect(roundTrip(nested(128))).toStrictEqual(nested(128))
    expect(() => roundTrip(nested(129))).toThrow(InvalidValue)
  })

  test("a getter that throws", () => {
    const args = {
      get broken(): never {
        throw new Error("no luck")
      },
    }
    expect(refusal(args).reason).toContain("no luck")
    expect(refusal({ rows: [1, { when: args }] }).path).toBe("args.rows[1].when.broken")
  })

  test("a result starts its path with result, a chunk with chunk", () => {
    const options = { limits, attachments: true }
    const bad = { x: [Symbol("x")] }
    expect(() => encodeFrame({ type: "result", id: 1, value: bad }, options)).toThrow("result.x[0]")
    expect(() => encodeFrame({ type: "chunk", id: 1, seq: 0, value: bad }, options)).toThrow("chunk.x[0]")
  })

  test("a backslash before ud is no surrogate", () => {
    expect(roundTrip(["C:\\udata", "\\ud800"])).toStrictEqual(["C:\\udata", "\\ud800"])
  })
})

test("nothing is evaluated: text that looks like code is text [VA-10]", () => {
  const sly = { $: "map", code: "process.exit(1)", __reduce__: ["os.system", ["true"]], toJSON: "x" }
  expect(roundTrip(sly)).toStrictEqual(sly)
})
