import { describe, expect, test } from "vitest"
import type { ParameterType } from "../../src/protocol/parameter-type.js"
import { Tensor } from "../../src/protocol/tensor.js"
import { checkArgs, isToolName, type ToolSpec } from "../../src/protocol/tools.js"

const add: ToolSpec = {
  name: "add",
  description: "",
  streaming: false,
  extra: false,
  parameters: [
    { name: "a", type: "number", required: true },
    { name: "b", type: "number", required: false, default: 0 },
  ],
}

function check(type: ParameterType, value: unknown): ReturnType<typeof checkArgs> {
  return checkArgs({ ...add, parameters: [{ name: "x", type, required: true }] }, { x: value })
}

describe("I11: arguments are checked before anything is sent", () => {
  test("what is declared passes", () => {
    expect(checkArgs(add, { a: 1 })).toBeUndefined()
    expect(checkArgs(add, { a: 1, b: 2.5 })).toBeUndefined()
  })

  test("missing, and undefined, which is the same", () => {
    expect(checkArgs(add, { b: 1 })).toEqual({ path: "args.a", reason: "is required" })
    expect(checkArgs(add, { a: undefined })).toEqual({ path: "args.a", reason: "is required" })
    expect(
      checkArgs({ ...add, parameters: [{ name: "toString", type: "any", required: true }] }, {})?.path,
    ).toBe("args.toString")
  })

  test("extra, unless it is welcome", () => {
    expect(checkArgs(add, { a: 1, z: 1 })).toEqual({
      path: "args.z",
      reason: "is not a parameter of add; its parameters are a, b",
    })
    expect(checkArgs(add, { a: 1, z: undefined })).toBeUndefined()
    expect(checkArgs({ ...add, extra: true }, { a: 1, z: 1 })).toBeUndefined()
    expect(checkArgs({ ...add, parameters: [] }, { "z z": 1 })).toEqual({
      path: 'args["z z"]',
      reason: "is not a parameter of add; it takes none",
    })
  })

  test("wrong type, with the path to the value", () => {
    expect(checkArgs(add, { a: "1" })).toEqual({ path: "args.a", reason: 'must be a number, not "1"' })
    expect(check({ array: { object: "integer" } }, [{ k: 1 }, { k: 2, l: 0.5 }])).toEqual({
      path: "args.x[1].l",
      reason: "must be an integer, not 0.5",
    })
    expect(check({ array: "string" }, "x")).toEqual({ path: "args.x", reason: 'must be an array, not "x"' })
    expect(check({ anyOf: ["integer", "null"] }, new Map())).toEqual({
      path: "args.x",
      reason: "must be an integer or null, not a Map",
    })
    expect(check({ literal: ["a", 1] }, "b")).toEqual({ path: "args.x", reason: 'must be "a" or 1, not "b"' })
  })

  test("numbers are equal whatever their types, as they are in Python", () => {
    for (const value of [1, 1n, true]) expect(check({ literal: ["1", 1] }, value)).toBeUndefined()
    for (const value of [2n, false, null]) expect(check({ literal: ["1", 1] }, value)).toBeDefined()
    expect(check({ literal: ["1"] }, 1)).toBeDefined()
  })
})

const samples = {
  null: null,
  true: true,
  int: 5,
  huge: 2 ** 60,
  bigint: 2n ** 60n,
  fraction: 0.5,
  nan: Number.NaN,
  string: "s",
  bytes: new Uint8Array(1),
  buffer: new ArrayBuffer(1),
  view: new DataView(new ArrayBuffer(1)),
  date: new Date(0),
  array: [1],
  object: { a: 1 },
  tensor: Tensor.from(new Float32Array(1)),
  floats: new Float32Array(1),
}

describe("each type accepts what encodes to it", () => {
  const everything = Object.keys(samples)
  test.each<[ParameterType, readonly string[]]>([
    ["any", everything],
    ["null", ["null"]],
    ["boolean", ["true"]],
    ["integer", ["true", "int", "bigint"]],
    ["number", ["true", "int", "huge", "bigint", "fraction", "nan"]],
    ["string", ["string"]],
    ["bytes", ["bytes", "buffer", "view"]],
    ["date", ["date"]],
    ["array", ["array"]],
    ["object", ["object"]],
    ["tensor", ["tensor", "floats"]],
    [{ anyOf: ["string", { array: "integer" }] }, ["string", "array"]],
    [{ literal: [5, null] }, ["null", "int"]],
    [{ array: "any" }, ["array"]],
    [{ object: "number" }, ["object"]],
    [{ object: "string" }, []],
  ])("%j", (type, accepted) => {
    const passed = Object.entries(samples).flatMap(([name, sample]) =>
      check(type, sample) === undefined ? [name] : [],
    )
    expect(passed).toEqual(accepted)
  })
})

test.each([
  ["add", true],
  ["a.b_c-1", true],
  ["x".repeat(64), true],
  ["x".repeat(65), false],
  ["", false],
  ["_private", false],
  ["a b", false],
  ["a\n", false],
  ["é", false],
])("the tool name %j is allowed: %s", (name, allowed) => {
  expect(isToolName(name)).toBe(allowed)
})
