import { deepStrictEqual } from "node:assert/strict"
import { defaultLimits as limits, type ToolValue } from "@snakepit/core/transport"
import { describe, expect, test } from "vitest"
import { MsgpackFrames } from "../src/frame-encode.js"
import { decode } from "./decode.js"

const odd = [Number.NaN, Number.POSITIVE_INFINITY, -0, 0.5, 2 ** 53, -1e300]
const floats = Array.from({ length: 1500 }, (_, index) => odd[index % odd.length] ?? 0)
const integers = Array.from({ length: 1500 }, (_, index) => (index % 2 === 0 ? -(2 ** 31) : 2 ** 31 - index))

function encode(value: ToolValue, attachments = true): { map: Buffer; attachments: readonly Uint8Array[] } {
  const encoded = new MsgpackFrames({ limits, attachments }).encode({ type: "result", id: 1, value })
  return { map: Buffer.from(encoded.head), attachments: encoded.attachments }
}

/** What arrives of a value. */
function sent(value: ToolValue, attachments = true): unknown {
  const encoded = encode(value, attachments)
  const { frames, fault } = decode(Buffer.concat([encoded.map, ...encoded.attachments]))
  expect(fault).toBeUndefined()
  const [frame] = frames
  if (frame?.type !== "result") throw new Error("not a result")
  return frame.value
}

describe("[MP-5] long lists of numbers", () => {
  test.each([true, false])("arrive as the lists they were [VA-1] [VA-3] (attachments: %s)", (attachments) => {
    const value = { floats, rows: [integers, { again: floats }], mixed: [...floats, "x", ...integers] }
    deepStrictEqual(sent(value, attachments), value)
  })

  test("travel in one piece, behind the map or in it", () => {
    const behind = encode(floats)
    expect(behind.attachments.map((bytes) => bytes.length)).toEqual([12_000])
    expect(behind.map.length).toBeLessThan(100)
    const inside = encode(integers)
    expect(inside.attachments).toEqual([])
    expect(inside.map.length).toBeLessThan(6100)
  })

  test("travel entry by entry to a peer without attachments", () => {
    const { map, attachments } = encode(floats, false)
    expect(attachments).toEqual([])
    expect(map.includes("float64")).toBe(false)
  })

  test("that are short, or not all of one kind, travel entry by entry", () => {
    const lists = [floats.slice(-1280), integers.slice(-1280), [...floats, 1], [...integers, 2 ** 31]]
    for (const list of lists) {
      expect(encode(list).map.includes("float64")).toBe(false)
      expect(encode(list).map.includes("int32")).toBe(false)
    }
  })

  test("the same list twice is two attachments, and two lists", () => {
    expect(encode([floats, floats]).attachments).toHaveLength(2)
    deepStrictEqual(sent([floats, floats]), [floats, floats])
  })
})
