import { describe, expect, test } from "vitest"
import {
  encodeFailure,
  encodeHello,
  encodeWelcome,
  type Hello,
  parseHello,
  parseWelcome,
} from "../../src/protocol/handshake.js"
import { defaultLimits } from "../../src/protocol/limits.js"
import { ProtocolVersionMismatch, ProtocolViolation } from "../../src/protocol/violation.js"

const full: Hello = {
  transport: "json",
  address: "unix:/tmp/x",
  token: "secret",
  pid: 123,
  runtime: { name: "python", version: "3.11.7", freeThreaded: false },
  bridge: "0.1.0",
  features: new Set(["stream", "cancel"]),
  concurrency: 4,
  tools: [
    {
      name: "add",
      description: "Add",
      streaming: true,
      extra: true,
      parameters: [
        { name: "a", type: { array: { anyOf: ["integer", { literal: ["x", 2n ** 60n] }] } }, required: true },
        { name: "b", type: { object: "date" }, required: false, default: { since: new Date(0), n: -0 } },
        { name: "c", type: "bytes", required: false, default: new Uint8Array([1, 2]) },
      ],
    },
  ],
  skipped: [{ transport: "grpc", reason: "No module named 'grpc'" }],
}

function hello(fields: object): Hello {
  const line = parseHello(JSON.stringify({ snakepit: 1, transport: "json", ...fields }))
  if (line.kind !== "hello") throw new Error("not a hello")
  return line.hello
}

describe("hello", () => {
  test("arrives as it was sent [HS-1]", () => {
    const line = encodeHello(full)
    expect(line).not.toContain("\n")
    expect(parseHello(line)).toStrictEqual({ kind: "hello", hello: full })
  })

  test("has defaults for all but its transport", () => {
    expect(hello({})).toStrictEqual({
      transport: "json",
      address: null,
      token: null,
      pid: null,
      runtime: null,
      bridge: null,
      features: new Set(),
      concurrency: 1,
      tools: null,
      skipped: [],
    })
  })

  test("fields that are not known are ignored [HS-6]", () => {
    expect(
      hello({ colour: 1, features: ["stream", "x-ray", 5], runtime: { name: "n", version: "1", z: 1 } }),
    ).toMatchObject({
      features: new Set(["stream", "x-ray"]),
      runtime: { name: "n", version: "1" },
    })
  })

  test("R6: another version fails and names both, in an error hello too [HS-5]", () => {
    for (const rest of [{ transport: "json" }, { error: { code: "internal", type: "E", message: "m" } }]) {
      const line = JSON.stringify({ snakepit: 2, ...rest })
      expect(() => parseHello(line)).toThrow(ProtocolVersionMismatch)
      expect(() => parseHello(line)).toThrow(/version 2 .* version 1/)
    }
  })

  test("an error hello tells why [HS-4]", () => {
    const error = {
      code: "unavailable",
      type: "ModuleNotFoundError",
      message: "No module",
      traceback: "Traceback …",
    } as const
    const skipped = [{ transport: "grpc", reason: "No module named 'grpc'" }]
    expect(parseHello(encodeFailure(error, skipped))).toStrictEqual({ kind: "failed", error, skipped })
    expect(parseHello(encodeFailure({ ...error, code: "internal" }))).toMatchObject({
      error: { code: "internal" },
      skipped: [],
    })
  })

  test.each([
    ["nothing", ""],
    ["no JSON", "Traceback (most recent call last):"],
    ["an array", "[]"],
    ["no version", '{"transport":"json"}'],
    ["a version of text", '{"snakepit":"1","transport":"json"}'],
    ["no transport", '{"snakepit":1}'],
    ["a concurrency of 0", '{"snakepit":1,"transport":"json","concurrency":0}'],
    ["features of text", '{"snakepit":1,"transport":"json","features":"stream"}'],
    ["an error of text", '{"snakepit":1,"error":"boom"}'],
    ["skipped without a reason", '{"snakepit":1,"transport":"json","skipped":[{"transport":"grpc"}]}'],
  ])("%s is refused", (_name, line) => {
    expect(() => parseHello(line)).toThrow(ProtocolViolation)
  })

  test("more than 4 MiB is refused [HS-1]", () => {
    const line = (padding: number): string =>
      JSON.stringify({ snakepit: 1, transport: "json", padding: " ".repeat(padding) })
    const most = 4 * 1024 * 1024 - line(0).length
    expect(parseHello(line(most)).kind).toBe("hello")
    expect(() => parseHello(line(most + 1))).toThrow(ProtocolViolation)
  })
})

describe("declared tools", () => {
  const tool = (fields: object): unknown => hello({ tools: [{ name: "t", ...fields }] }).tools?.[0]

  test("a tool that leaves out its parameters takes any", () => {
    expect(tool({})).toStrictEqual({
      name: "t",
      description: "",
      streaming: false,
      extra: true,
      parameters: [],
    })
    expect(tool({ parameters: [] })).toMatchObject({ extra: false })
  })

  test.each<[unknown, unknown]>([
    ["matrix", "any"],
    [undefined, "any"],
    [5, "any"],
    [{ tuple: ["any"] }, "any"],
    [{ array: "matrix" }, { array: "any" }],
    [{ anyOf: ["string", "matrix"] }, { anyOf: ["string", "any"] }],
  ])("the type %j is read as %j", (type, read) => {
    expect(tool({ parameters: [{ name: "p", type }] })).toMatchObject({
      parameters: [{ name: "p", type: read, required: false }],
    })
  })

  test("a type that nests without end is any in the end", () => {
    const deep = `${'{"array":'.repeat(50_000)}"string"${"}".repeat(50_000)}`
    const tools = `[{"name":"t","parameters":[{"name":"p","type":${deep}}]}]`
    const line = parseHello(`{"snakepit":1,"transport":"json","tools":${tools}}`)
    expect(JSON.stringify(line)).toMatch(/"array":"any"/)
  })

  test.each<[string, unknown[]]>([
    ["not a map", [5]],
    ["no name", [{}]],
    ["a name that is not allowed", [{ name: "a b" }]],
    ["the same name twice", [{ name: "t" }, { name: "t" }]],
    ["parameters of text", [{ name: "t", parameters: "a, b" }]],
    ["a parameter without a name", [{ name: "t", parameters: [{ type: "any" }] }]],
    ["a malformed default", [{ name: "t", parameters: [{ name: "p", default: { $: "date", value: "x" } }] }]],
  ])("%s is refused", (_name, tools) => {
    expect(() => hello({ tools })).toThrow(ProtocolViolation)
  })

  test("1,024 may be declared, one more not [LI-4]", () => {
    const tools = Array.from({ length: 1025 }, (_, index) => ({ name: `t${index}` }))
    expect(hello({ tools: tools.slice(1) }).tools).toHaveLength(1024)
    expect(() => hello({ tools })).toThrow(/1025 tools; 1024/)
  })
})

describe("welcome", () => {
  const welcome = {
    workerId: "default-1",
    runId: "r",
    cancelGraceMs: 2000,
    logLevel: "info",
    limits: defaultLimits,
  } as const

  test("arrives as it was sent [HS-3]", () => {
    expect(encodeWelcome(welcome)).not.toContain("\n")
    expect(parseWelcome(encodeWelcome(welcome))).toStrictEqual(welcome)
  })

  test("tells where the host's probe for shared memory is [SM-1]", () => {
    const probed = { ...welcome, sharedMemory: { pid: 5, fd: 9, nonce: "0123456789abcdef0123456789abcdef" } }
    expect(parseWelcome(encodeWelcome(probed))).toStrictEqual(probed)
  })

  test.each([
    { snakepit: 1 },
    { snakepit: 1, ...welcome, sharedMemory: { pid: 5, fd: 9 } },
    { snakepit: 1, ...welcome, limits: {} },
    { snakepit: 1, ...welcome, logLevel: "loud" },
  ])("%j is refused", (fields) => {
    expect(() => parseWelcome(JSON.stringify(fields))).toThrow(ProtocolViolation)
  })

  test("of another version is refused [HS-5]", () => {
    expect(() => parseWelcome(JSON.stringify({ ...welcome, snakepit: 9 }))).toThrow(ProtocolVersionMismatch)
  })
})
