import { describe, expect, test } from "vitest"
import { InvalidVariable } from "../../src/errors/session-errors.js"
import { Tensor } from "../../src/protocol/values.js"
import { readDraft } from "../../src/session/variables/draft.js"

const read = (type: unknown, value: unknown, constraints?: unknown, name: unknown = "x") =>
  readDraft({ name, type, value, constraints })

const nested = (depth: number): unknown => (depth === 0 ? 1 : [nested(depth - 1)])
const floats = (...numbers: number[]) => new Tensor("float64", [numbers.length], Float64Array.from(numbers))
const zeros = (...shape: number[]) =>
  Tensor.from(new Float32Array(shape.reduce((size, length) => size * length, 1)), shape)

describe("a value is kept", () => {
  test.each<[string, unknown, unknown, object?]>([
    ["string", "", ""],
    ["string", "héé", "héé", { min_length: 3, max_length: 3 }],
    ["string", "🐍", "🐍", { max_length: 1 }],
    ["string", "ab-12", "ab-12", { pattern: "^[a-z]+-\\d+$" }],
    ["string", "xxabxx", "xxabxx", { pattern: "ab" }],
    ["string", "b", "b", { enum: ["a", "b"] }],
    ["integer", 5, 5, { min: 5, max: 5 }],
    ["integer", -0, 0],
    ["integer", 7n, 7],
    ["integer", 2n ** 70n, 2n ** 70n, { min: 2 ** 60 }],
    ["integer", 2n ** 70n, 2n ** 70n, { max: 2n ** 70n }],
    ["float", 0.5, 0.5, { min: 0, max: 1 }],
    ["float", 1, 1],
    ["float", 2n ** 60n, 2 ** 60],
    ["float", Number.NaN, Number.NaN],
    ["float", Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, { min: 0 }],
    ["boolean", false, false],
    ["choice", "fast", "fast", { choices: ["fast", "slow"] }],
    ["choice", 2, 2, { choices: [1, 2, true] }],
    ["choice", false, false, { choices: [false, true] }],
    ["module", "sklearn", "sklearn"],
    ["module", "sklearn", "sklearn", { allowed_modules: ["sklearn"] }],
    [
      "module",
      "sklearn.linear_model.Ridge",
      "sklearn.linear_model.Ridge",
      { allowed_modules: ["numpy", "sklearn"] },
    ],
    ["module", "größe._x1", "größe._x1"],
    ["embedding", [1, 2.5], floats(1, 2.5), { dimensions: 2 }],
    ["embedding", [], floats(), { dimensions: 0 }],
    [
      "embedding",
      [
        [1, 2, 3],
        [4, 5, 6],
      ],
      new Tensor("float64", [2, 3], Float64Array.of(1, 2, 3, 4, 5, 6)),
      { dimensions: 3 },
    ],
    ["embedding", Float32Array.of(1, 2), Tensor.from(Float32Array.of(1, 2))],
    ["embedding", zeros(4, 384), zeros(4, 384), { dimensions: 384 }],
    ["tensor", zeros(2, 3), zeros(2, 3), { shape: [2, 3] }],
    ["tensor", zeros(2, 3), zeros(2, 3), { shape: [null, 3] }],
    ["tensor", zeros(2, 3), zeros(2, 3), { shape: [-1, -1] }],
    ["tensor", zeros(), zeros(), { shape: [] }],
    ["tensor", [[[1], [2]]], new Tensor("float64", [1, 2, 1], Float64Array.of(1, 2))],
    ["tensor", [[], []], new Tensor("float64", [2, 0], new Float64Array(0))],
    ["tensor", BigInt64Array.of(1n), Tensor.from(BigInt64Array.of(1n))],
    ["tensor", new Tensor("bool", [1], Uint8Array.of(1)), new Tensor("bool", [1], Uint8Array.of(1))],
    ["list", [1, [null, "a"]], [1, [null, "a"]]],
    ["map", { a: { $: new Date(0) } }, { a: { $: new Date(0) } }],
    ["map", {}, {}],
  ])("%s: %o", (type, value, kept, constraints) => {
    expect(read(type, value, constraints).value).toStrictEqual(kept)
  })

  test("without a copy, when it is a tensor or a typed array", () => {
    const array = Float32Array.of(1, 2)
    expect(read("tensor", array).value).toMatchObject({ data: { buffer: array.buffer } })
    const tensor = Tensor.from(array)
    expect(read("embedding", tensor).value).toBe(tensor)
  })
})

describe("a value is refused", () => {
  test.each<[string, unknown, string, object?]>([
    ["string", 5, "must be text, not 5"],
    ["string", "a\ud800", "cannot be kept"],
    ["string", "ab", "at least 3 characters, not 2", { min_length: 3 }],
    ["string", "🐍🐍", "at most 1 characters, not 2", { max_length: 1 }],
    ["string", "c", "one of 'a', 'b', not 'c'", { enum: ["a", "b"] }],
    ["string", "xab", "the pattern ^ab is found, not 'xab'", { pattern: "^ab" }],
    ["string", "a".repeat(10_001), "at most 10000 characters then, not 10001", { pattern: "a" }],
    ["integer", 1.5, "an integer (beyond ±(2^53-1) a bigint), not 1.5"],
    ["integer", 2 ** 53, "an integer"],
    ["integer", true, "an integer (beyond ±(2^53-1) a bigint), not true"],
    ["integer", "1", "an integer"],
    ["integer", null, "an integer"],
    ["integer", 4, "at least 5, not 4", { min: 5 }],
    ["integer", 2n ** 70n, "at most 5, not 1180591620717411303424", { max: 5 }],
    ["float", true, "a number, not true"],
    ["float", "0.5", "a number"],
    ["float", 10n ** 400n, "that a float can hold"],
    ["float", Number.NaN, "at least 0, not NaN", { min: 0 }],
    ["float", 1.1, "at most 1, not 1.1", { min: 0, max: 1 }],
    ["boolean", 1, "true or false, not 1"],
    ["boolean", null, "true or false"],
    ["choice", "slow", "one of 'fast', not 'slow'", { choices: ["fast"] }],
    ["choice", true, "one of 1, not true", { choices: [1] }],
    ["choice", "1", "one of 1", { choices: [1] }],
    ["module", "a b", "a dotted name such as sklearn.linear_model, not 'a b'"],
    ["module", "a..b", "a dotted name"],
    ["module", "1a", "a dotted name"],
    ["module", "os.path; import os", "a dotted name"],
    [
      "module",
      "sklearnx",
      "one of the modules 'sklearn', or below one of them",
      { allowed_modules: ["sklearn"] },
    ],
    ["embedding", "abc", "must be a tensor, a list of numbers"],
    ["embedding", [1, "2"], "must be a tensor, a list of numbers"],
    ["embedding", [1, 2n], "must be a tensor, a list of numbers"],
    ["embedding", [true], "must be a tensor, a list of numbers"],
    ["embedding", [[1, 2], [3]], "rows of different lengths"],
    ["embedding", [[1], 2], "rows of different lengths"],
    ["embedding", [[[1]]], "one vector, or a row of them, not of the shape [ 1, 1, 1 ]"],
    ["embedding", zeros(), "one vector"],
    ["embedding", zeros(384, 4), "must have 384 dimensions, not 4", { dimensions: 384 }],
    ["embedding", new Tensor("complex64", [1], Float32Array.of(1, 1)), "real numbers, not complex64"],
    ["embedding", new Tensor("bool", [1], Uint8Array.of(1)), "real numbers, not bool"],
    ["tensor", Uint8Array.of(1), "a typed array other than bytes"],
    ["tensor", new DataView(new ArrayBuffer(1)), "a typed array other than bytes"],
    ["tensor", 5, "must be a tensor"],
    ["tensor", nested(65), "more than 64 axes"],
    ["tensor", zeros(2, 3), "must have the shape [ 3, 2 ], not [ 2, 3 ]", { shape: [3, 2] }],
    ["tensor", zeros(2, 3), "must have the shape [ 2, 3, null ], not [ 2, 3 ]", { shape: [2, 3, -1] }],
    ["list", { 0: 1 }, "a list, not"],
    ["list", [() => 1], "value[0]: a function cannot be sent"],
    ["list", nested(101), "nests deeper"],
    ["map", [1], "a map, with text for keys, not [ 1 ]"],
    ["map", new Map(), "a map"],
    ["map", { a: { b: Symbol("s") } }, "value.a.b: a symbol cannot be sent"],
    ["map", { "\ud800": 1 }, "is not valid Unicode"],
  ])("%s: %o", (type, value, reason, constraints) => {
    expect(() => read(type, value, constraints)).toThrow(InvalidVariable)
    expect(() => read(type, value, constraints)).toThrow(/^the variable "x" /)
    expect(() => read(type, value, constraints)).toThrow(reason)
  })

  test("without waiting for ever, when its pattern is a bad one", () => {
    const pattern = "^(a+)+$"
    expect(read("string", "aaaa", { pattern }).value).toBe("aaaa")
    expect(() => read("string", `${"a".repeat(40)}b`, { pattern })).toThrow("takes too long")
  })
})

describe("a declaration is refused", () => {
  test.each<[string, unknown, unknown, string]>([
    ["number", 1, undefined, "one of the types string, integer, float"],
    [undefined as unknown as string, 1, undefined, "one of the types"],
    ["toString", 1, undefined, "one of the types"],
    ["integer", 1, { minimum: 0 }, 'has no constraint "minimum"; its type knows min, max'],
    ["boolean", true, { min: 0 }, "its type knows none"],
    ["integer", 1, [1], "constraints that must be a map"],
    ["integer", 1, { min: "0" }, "min, which must be a number, not '0'"],
    ["integer", 1, { max: Number.NaN }, "max, which must be a number"],
    ["string", "a", { min_length: -1 }, "min_length, which must be a non-negative integer"],
    ["string", "a", { pattern: "(" }, "pattern, which must be the source of a regular expression"],
    ["string", "a", { pattern: "a".repeat(1001) }, "of at most 1000 characters"],
    ["string", "a", { enum: [] }, "enum, which must be a list, not empty"],
    ["string", "a", { enum: ["a", 1] }, "a list, not empty, of a string"],
    ["choice", "a", undefined, "needs the constraint choices"],
    ["choice", "a", { choices: null }, "needs the constraint choices"],
    ["choice", "a", { choices: [] }, "choices, which must be a list, not empty"],
    ["choice", "a", { choices: [["a"]] }, "of text, numbers or booleans"],
    ["module", "a", { allowed_modules: ["a b"] }, "of a dotted name"],
    ["embedding", [1], { dimensions: 1.5 }, "dimensions, which must be a non-negative integer"],
    ["tensor", [1], { shape: [-2] }, "shape, which must be a list of lengths"],
    ["tensor", [1], { shape: 1 }, "shape, which must be a list of lengths"],
  ])("%s %o with %o", (type, value, constraints, reason) => {
    expect(() => read(type, value, constraints)).toThrow(InvalidVariable)
    expect(() => read(type, value, constraints)).toThrow(reason)
  })

  test.each([
    ["empty", ""],
    ["too long", "é".repeat(129)],
    ["no Unicode", "\ud800"],
    ["no text", 5],
  ])("for a name that is %s", (_what, name) => {
    expect(() => read("integer", 1, {}, name)).toThrow(InvalidVariable)
    expect(() => read("integer", 1, {}, name)).toThrow("needs a name: text of 1 to 256 bytes of UTF-8")
  })
})

test("names may be any text of up to 256 bytes", () => {
  for (const name of ["__proto__", "a b/c", "é".repeat(128)]) {
    expect(read("integer", 1, undefined, name)).toMatchObject({ name, value: 1 })
  }
})

test("constraints that are null count as left out, and a shape's -1 as null", () => {
  expect(read("float", 1, { min: null, max: 2 }).constraints).toStrictEqual({ max: 2 })
  expect(read("tensor", [1], { shape: [-1] }).constraints).toStrictEqual({ shape: [null] })
  expect(read("float", 1, null).constraints).toStrictEqual({})
})

test("the error says which variable, and what is wrong", () => {
  expect(() => read("float", 2, { max: 1 }, "temperature")).toThrow(
    expect.objectContaining({
      _tag: "InvalidVariable",
      name: "InvalidVariable",
      message: 'the variable "temperature" must be at most 1, not 2',
      variable: "temperature",
      reason: "must be at most 1, not 2",
    }),
  )
})
