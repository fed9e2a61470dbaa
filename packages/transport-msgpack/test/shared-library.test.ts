import { defaultLimits } from "@snakepit/core/transport"
import { addExtension, Packr, pack, Unpackr, unpack } from "msgpackr"
import { describe, expect, test } from "vitest"
import { MsgpackFrames } from "../src/frame-encode.js"
import { decode } from "./decode.js"
import { framed } from "./vectors.js"

/** What arrives of a result whose value is these bytes. */
function result(hex: string): ReturnType<typeof decode> {
  return decode(framed(Buffer.from(`83a474797065a6726573756c74a2696401a576616c7565${hex}`, "hex")))
}

/** What msgpackr reads as one value is by the standard an extension type, maybe with a value behind it. */
const refused = /unknown extension type|bytes follow/

describe("what msgpackr would do for a peer", () => {
  test("[VA-10] [MP-4] records, which it would compile, are refused", () => {
    const rows = Array.from({ length: 20 }, (_, id) => ({ id, name: "x" }))
    const records = new Packr({ useRecords: true, maxOwnStructures: 64 }).pack(rows)
    expect(new Unpackr({ useRecords: true }).unpack(records)).toStrictEqual(rows)
    const compile = globalThis.Function
    const compiled: unknown[] = []
    globalThis.Function = new Proxy(compile, {
      construct: (_target, code) => {
        compiled.push(code)
        return () => {}
      },
    })
    try {
      expect(result(records.toString("hex")).fault).toMatch(refused)
    } finally {
      globalThis.Function = compile
    }
    expect(compiled).toEqual([])
  })

  test.each([
    ["a set", "d473009101"],
    ["an error", "d4650093a54572726f72a16dc0"],
    ["a regular expression", "d4780092a161a0"],
    ["one value in two places", "92d6690000000190d67000000001"],
    ["bytes as a typed array", "c70374016162"],
    ["an integer of its own", "d44201"],
    ["undefined", "d40000"],
  ])("[MP-4] %s is refused", (_what, hex) => {
    expect(result(hex).fault).toMatch(refused)
  })
})

describe("other users of msgpackr in the process", () => {
  test("are not disturbed", () => {
    const date = new Date(1234)
    expect(unpack(pack({ date, set: new Set([1]) }))).toStrictEqual({ date, set: [1] })
  })

  test("that take one of our numbers are told, not believed", () => {
    const frames = new MsgpackFrames({ limits: defaultLimits, attachments: true })
    const { head } = frames.encode({ type: "result", id: 1, value: 2n ** 70n })
    const bytes = Buffer.from(head)
    expect(decode(bytes).frames).toMatchObject([{ value: 2n ** 70n }])
    addExtension({ type: 81, unpack: () => new URL("http://localhost") })
    expect(decode(bytes)).toMatchObject({
      frames: [],
      fault: expect.stringMatching(/another user of msgpackr/),
    })
  })
})
