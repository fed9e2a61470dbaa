import { describe, expect, test } from "vitest"
import { InvalidValue } from "../../src/protocol/invalid-value.js"
import { encodeFrame } from "../../src/protocol/json-frame.js"
import { decodeFrame } from "../../src/protocol/json-line.js"
import { defaultLimits as limits } from "../../src/protocol/limits.js"
import { packNumbers, unpackNumbers } from "../../src/protocol/number-list.js"

const floats = Array.from({ length: 1281 }, (_, index) => index + 0.5)
const integers = Array.from({ length: 1281 }, (_, index) => index - 640)

describe("long lists of numbers [JS-7]", () => {
  test.each<[string, "float64" | "int32", readonly number[]]>([
    ["fractions", "float64", floats],
    ["NaN, infinities, -0 and floats that look like integers", "float64", odd(1300)],
    ["integers", "int32", integers],
    [
      "the smallest and the greatest integers",
      "int32",
      integers.map((n) => (n < 0 ? -(2 ** 31) : 2 ** 31 - 1)),
    ],
  ])("%s are %s, and come back unchanged", (_what, dtype, list) => {
    const packed = packNumbers(list)
    expect(packed?.dtype).toBe(dtype)
    expect(packed?.bytes.length).toBe(list.length * (dtype === "float64" ? 8 : 4))
    const back = unpackNumbers(dtype, packed?.bytes ?? new Uint8Array(0))
    expect(back.every((entry, index) => Object.is(entry, list[index]))).toBe(true)
    expect(back).toHaveLength(list.length)
  })

  test.each<[string, readonly unknown[]]>([
    ["1,280 floats", floats.slice(1)],
    ["1,280 integers", integers.slice(1)],
    ["a whole number among floats, which would arrive as one", [...floats, 1]],
    ["0 among floats", [...floats, 0]],
    ["a fraction among integers", [...integers, 0.5]],
    ["-0 among integers", [...integers, -0]],
    ["NaN among integers", [...integers, Number.NaN]],
    ["an integer of more than 32 bits", [...integers, 2 ** 31]],
    ["and one below", [...integers, -(2 ** 31) - 1]],
    ["a bigint", [...integers, 1n]],
    ["a boolean", [...integers, true]],
    ["null", [...floats, null]],
    ["strings", new Array(2000).fill("1")],
    ["nothing but holes", new Array(2000)],
  ])("%s: travel entry by entry", (_what, list) => {
    expect(packNumbers(list)).toBeUndefined()
  })

  test("little-endian, wherever in memory they arrive", () => {
    const bytes = Uint8Array.of(9, 1, 0, 0, 0, 255, 255, 255, 255)
    expect(unpackNumbers("int32", bytes.subarray(1))).toStrictEqual([1, -1])
    expect(packNumbers(new Array(1281).fill(258))?.bytes.subarray(0, 4)).toEqual(Uint8Array.of(2, 1, 0, 0))
  })

  test("only peers that read attachments get them [JS-5]", () => {
    const frame = { type: "result", id: 1, value: odd(1300) } as const
    const text = encodeFrame(frame, { limits, attachments: false })
    expect(text.attachments).toEqual([])
    expect(text.text).not.toContain('"list"')
    expect(decodeFrame(text.text, [], { limits })).toStrictEqual(frame)
    const raw = encodeFrame(frame, { limits, attachments: true })
    expect(raw.text).toBe(
      '{"type":"result","id":1,"value":{"$":"list","dtype":"float64","at":0},"attach":[10400]}',
    )
  })

  test("a hole or undefined in a long list is still named [VA-9]", () => {
    for (const bad of [
      [...floats, undefined],
      [...integers, , 1],
    ]) {
      const frame = { type: "call", id: 1, tool: "t", args: { rows: bad } } as const
      expect(() => encodeFrame(frame, { limits, attachments: true })).toThrow(InvalidValue)
      expect(() => encodeFrame(frame, { limits, attachments: true })).toThrow("args.rows[1281]: undefined")
    }
  })

  test("their sum is within the limit of attachments [LI-2]", () => {
    const options = { limits: { ...limits, maxAttachmentBytes: 10_000 }, attachments: true }
    const frame = { type: "result", id: 1, value: floats } as const
    expect(() => encodeFrame(frame, options)).toThrow("maxAttachmentBytes is 10000")
  })
})

function odd(length: number): readonly number[] {
  const kinds = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 0.1, 2 ** 53, -1e300]
  return Array.from({ length }, (_, index) => kinds[index % kinds.length] ?? 0)
}
