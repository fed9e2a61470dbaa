import { deepStrictEqual } from "node:assert/strict"
import { defaultLimits, type Frame, InvalidValue, Tensor, ZonedDate } from "@snakepit/core/transport"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { MsgpackFrames } from "../src/frame-encode.js"
import { decode } from "./decode.js"
import { framed } from "./vectors.js"

function bytesOf(frame: Frame, attachments = true): Buffer {
  const encoded = new MsgpackFrames({ limits: defaultLimits, attachments }).encode(frame)
  return Buffer.concat([Buffer.from(encoded.head), ...encoded.attachments])
}

/** What arrives of a value. */
function sent(value: unknown, attachments = true): unknown {
  const { frames, fault } = decode(bytesOf({ type: "result", id: 1, value }, attachments))
  expect(fault).toBeUndefined()
  const [frame] = frames
  if (frame?.type !== "result") throw new Error("not a result")
  return frame.value
}

const scalar = fc.oneof(
  fc.constantFrom(null, true, false, Number.NaN, -0, 0, 2 ** 53, 1e300, Number.POSITIVE_INFINITY),
  fc.maxSafeInteger(),
  fc.integer(),
  fc.double(),
  fc.string({ unit: "binary", maxLength: 100 }),
  fc.bigInt({ min: 2n ** 53n, max: 2n ** 80n }),
  fc.bigInt({ min: -(2n ** 80n), max: -(2n ** 53n) }),
  fc.uint8Array({ maxLength: 300 }),
  fc.date({ noInvalidDate: true, min: new Date("0001-01-01"), max: new Date("9999-12-31") }),
  fc.float64Array({ maxLength: 10 }).map((numbers) => Tensor.from(numbers)),
)
const key = fc.oneof(
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.constantFrom("__proto__", "constructor", "$", ""),
)
const { value: anything } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    scalar,
    fc.array(tie("value"), { maxLength: 20 }),
    fc.array(fc.tuple(key, tie("value")), { maxLength: 20 }).map((entries) => Object.fromEntries(entries)),
  ),
}))

describe("values arrive as what they were", () => {
  test("[MP-2] [MP-3] [MP-4] [VA-1] [VA-2] [VA-3] [VA-4] [VA-5] [VA-6] [VA-7] all of them", () => {
    fc.assert(
      fc.property(anything, fc.boolean(), (value, attachments) => {
        // Vitest looks at `constructor`, which is a key like any other here.
        deepStrictEqual(sent(value, attachments), value)
      }),
      { numRuns: 500 },
    )
  })

  test("[MP-2] all lengths, wherever the memory that is written to ends", () => {
    const values = [
      1,
      300,
      70_000,
      5_000_000_000,
      -1,
      -200,
      -40_000,
      -3_000_000_000,
      0.5,
      "é",
      "x".repeat(200),
    ]
    for (const value of values) {
      const list = Array.from({ length: 20_000 }, () => value)
      expect(sent(list)).toEqual(list)
    }
  })

  test("[MP-2] an entry that is undefined is dropped, at any depth [VA-9]", () => {
    expect(sent([{ a: 1, b: undefined, c: { d: undefined } }])).toStrictEqual([{ a: 1, c: {} }])
    expect(sent(undefined)).toBeNull()
  })

  test("[VA-7] an own `__proto__` pollutes nothing", () => {
    const value = JSON.parse('{"a":{"__proto__":{"polluted":true}}}')
    const arrived = sent(value)
    expect(arrived).toStrictEqual(value)
    expect(Reflect.get(Object(Reflect.get(Object(arrived), "a")), "polluted")).toBeUndefined()
  })

  test("[VA-5] dates keep offset and digits", () => {
    const iso = "2026-01-31T12:00:00.123456+02:00"
    expect(sent(new ZonedDate(iso))).toMatchObject({ iso })
  })

  test("[MP-4] a timestamp has less than 10^9 nanoseconds", () => {
    const timestamp = (nanoseconds: string): Buffer =>
      framed(
        Buffer.from(
          `83a474797065a6726573756c74a2696401a576616c7565c70cff${nanoseconds}0000000000000000`,
          "hex",
        ),
      )
    expect(decode(timestamp("3b9ac9ff")).frames).toMatchObject([
      { value: { iso: "1970-01-01T00:00:00.999999999Z" } },
    ])
    expect(decode(timestamp("3b9aca00")).fault).toMatch(/timestamp/)
  })

  test("[MP-3] binary data travels beside the map from 10,241 bytes on, for a peer that can take it", () => {
    const frames = new MsgpackFrames({ limits: defaultLimits, attachments: true })
    const inline = { type: "result", id: 1, value: new Uint8Array(10_240) } as const
    expect(frames.encode(inline).attachments).toEqual([])
    const large = { type: "result", id: 1, value: { a: [new Uint8Array(10_241)] } } as const
    expect(frames.encode(large).attachments).toEqual([large.value.a[0]])
    expect(sent(large.value, false)).toStrictEqual(large.value)
  })
})

describe("what cannot travel", () => {
  test.each<[string, Frame, string]>([
    ["a lone surrogate", { type: "result", id: 1, value: ["ok", { a: "x\udc00" }] }, "result[1].a"],
    ["a lone surrogate in a key", { type: "call", id: 1, tool: "t", args: { a: { "\ud800": 1 } } }, "args.a"],
    ["a lone surrogate in meta", { type: "result", id: 1, value: 1, meta: { a: "\ud800" } }, "meta.a"],
    ["a symbol", { type: "result", id: 1, value: [{ a: Symbol("s") }] }, "result[0].a"],
    ["a getter that throws", { type: "call", id: 1, tool: "t", args: { a: [throwing()] } }, "args.a[0].b"],
  ])("[VA-8] %s is named with its place", (_what, frame, place) => {
    const frames = new MsgpackFrames({ limits: defaultLimits, attachments: true })
    expect(() => frames.encode(frame)).toThrow(InvalidValue)
    expect(() => frames.encode(frame)).toThrow(place)
  })

  test("[ER-3] text for people arrives, with U+FFFD in place of what is not Unicode", () => {
    const error = {
      code: "tool_error",
      type: "Error",
      message: "\ud800!",
      details: { "\udc00": ["\ud800"] },
    } as const
    expect(decode(bytesOf({ type: "error", id: 1, error })).frames).toStrictEqual([
      { type: "error", id: 1, error: { ...error, message: "\ufffd!", details: { "\ufffd": ["\ufffd"] } } },
    ])
  })

  test("what a large frame took is given back", async () => {
    const frames = new MsgpackFrames({ limits: defaultLimits, attachments: true })
    frames.encode({ type: "result", id: 1, value: "x".repeat(5_000_000) })
    await new Promise(setImmediate)
    const { head } = frames.encode({ type: "pong", nonce: 7 })
    if (typeof head === "string") throw new Error("not bytes")
    expect(head.buffer.byteLength).toBeLessThan(100_000)
  })

  test("a getter that sends a frame itself disturbs nothing", () => {
    const frames = new MsgpackFrames({ limits: defaultLimits, attachments: true })
    const inner: Uint8Array[] = []
    const value = {
      before: "b".repeat(50),
      get sends(): number {
        inner.push(Buffer.from(frames.encode({ type: "pong", nonce: 7 }).head))
        return 1
      },
      after: "a".repeat(50),
    }
    const outer = Buffer.from(frames.encode({ type: "result", id: 1, value }).head)
    expect(decode(outer).frames).toMatchObject([
      { value: { before: value.before, sends: 1, after: value.after } },
    ])
    for (const bytes of inner)
      expect(decode(Buffer.from(bytes)).frames).toStrictEqual([{ type: "pong", nonce: 7 }])
  })
})

function throwing(): object {
  return {
    get b(): never {
      throw new Error("no")
    },
  }
}

test.each([defaultLimits.maxDepth, defaultLimits.maxDepth + 1])(
  "[LI-3] the details of an error nest as deep as any value does: %i",
  (levels) => {
    let details: unknown[] = []
    for (let level = 1; level < levels; level++) details = [details]
    const error = { code: "tool_error", type: "E", message: "m", details: details as [] } as const
    if (levels > defaultLimits.maxDepth) {
      expect(() => bytesOf({ type: "error", id: 1, error })).toThrow("nests deeper")
      return
    }
    const { frames, fault } = decode(bytesOf({ type: "error", id: 1, error }))
    expect(fault).toBeUndefined()
    deepStrictEqual(frames, [{ type: "error", id: 1, error }])
  },
)
