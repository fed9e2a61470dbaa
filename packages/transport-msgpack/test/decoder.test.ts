import { deepStrictEqual } from "node:assert/strict"
import { defaultLimits, type Frame, ProtocolViolation } from "@snakepit/core/transport"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { MsgpackDecoder } from "../src/decoder.js"
import { MsgpackFrames } from "../src/frame-encode.js"
import { decode } from "./decode.js"
import { bytesOf, framed, vectors } from "./vectors.js"

const small = { ...defaultLimits, maxFrameBytes: 100, maxAttachmentBytes: 1000 }
/** Those that can be sent byte by byte in no time. */
const short = vectors.frames.filter((vector) => vector.size < 1000)
const everything = Buffer.concat(short.map(bytesOf))
const each = short.flatMap((vector) => decode(bytesOf(vector)).frames)

const pong = framed(Buffer.from("82a474797065a4706f6e67a56e6f6e636507", "hex"))

function cutsOf(length: number): fc.Arbitrary<number[]> {
  return fc.array(fc.nat(length), { maxLength: 40 })
}

describe("any segmentation decodes to the same frames [FR-4] [MP-1] [MP-3]", () => {
  test("one after the other, in one piece", () => {
    expect(each).toHaveLength(short.filter((vector) => vector.frame !== null).length)
    expect(decode(everything)).toStrictEqual({ frames: each })
  })

  test("byte by byte", () => {
    expect(decode(everything, [...everything.keys()])).toStrictEqual({ frames: each })
  })

  test("cut anywhere", () => {
    fc.assert(
      fc.property(cutsOf(everything.length), (cuts) => {
        expect(decode(everything, cuts)).toStrictEqual({ frames: each })
      }),
      { numRuns: 50 },
    )
  })

  test("attachments that look like frames, cut anywhere", () => {
    const sly = Buffer.concat(Array.from({ length: 500 }, () => pong))
    const value = [new Uint8Array(sly), new Uint8Array(3), new Uint8Array(sly)]
    const { head, attachments } = encode({ type: "result", id: 1, value })
    expect(attachments).toHaveLength(2)
    const bytes = Buffer.concat([head, ...attachments, pong])
    const frames = [
      { type: "result", id: 1, value },
      { type: "pong", nonce: 7 },
    ]
    fc.assert(
      fc.property(cutsOf(bytes.length), (cuts) => {
        deepStrictEqual(decode(bytes, cuts), { frames })
      }),
    )
  })

  test("an end in the middle of a frame is a fault", () => {
    const whole = bytesOf(vectors.frames.find(({ attachments }) => attachments.length > 1) ?? { ...nothing })
    expect(decode(whole).frames).toHaveLength(1)
    for (let length = 1; length < whole.length; length++) {
      const fault = "the stream ended in the middle of a frame"
      expect(decode(whole.subarray(0, length))).toStrictEqual({ frames: [], fault })
    }
  })
})

const nothing = { name: "", map: "", attachments: [] }

function encode(frame: Frame): { head: Buffer; attachments: readonly Uint8Array[]; size: number } {
  const encoded = new MsgpackFrames({ limits: defaultLimits, attachments: true }).encode(frame)
  return { ...encoded, head: Buffer.from(encoded.head) }
}

describe("beyond its limit a length is refused before memory is taken [LI-1] [LI-2]", () => {
  const padded = (length: number): Buffer => {
    const map = Buffer.concat([
      Buffer.from("83a474797065a4706f6e67a56e6f6e636507a0d9", "hex"),
      Buffer.alloc(1),
    ])
    const rest = length - map.length
    map.writeUInt8(rest, map.length - 1)
    return framed(Buffer.concat([map, Buffer.alloc(rest, "x")]))
  }

  test("a map may be as long as the limit, not longer", () => {
    expect(decode(padded(100), [], small)).toStrictEqual({ frames: [{ type: "pong", nonce: 7 }] })
    for (const cuts of [[], [1, 2, 3], [50]]) {
      expect(decode(padded(101), cuts, small).fault).toBe("a frame of 101 bytes; maxFrameBytes is 100")
    }
  })

  test("a length alone is enough to be refused, and takes no memory", () => {
    const before = process.memoryUsage().arrayBuffers
    const length = Buffer.from("ffffffff", "hex")
    expect(() => new MsgpackDecoder(defaultLimits).feed(length, [])).toThrow(
      /4294967295 bytes; maxFrameBytes/,
    )
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 24)
  })

  test("the sum of the attachments counts, and is known from the map", () => {
    const announce = (...attach: number[]): Buffer => {
      const lengths = attach.map((length) => {
        const bytes = Buffer.from("cf0000000000000000", "hex")
        bytes.writeBigUInt64BE(BigInt(length), 1)
        return bytes
      })
      const start = Buffer.from("82a474797065a3782d61a6617474616368", "hex")
      return framed(Buffer.concat([start, Buffer.from([0x90 + attach.length]), ...lengths]))
    }
    expect(() => new MsgpackDecoder(small).feed(announce(500, 500), [])).not.toThrow()
    expect(() => new MsgpackDecoder(small).feed(announce(500, 501), [])).toThrow(
      /1001 bytes; maxAttachmentBytes is 1000/,
    )
    const before = process.memoryUsage().arrayBuffers
    expect(() => new MsgpackDecoder(defaultLimits).feed(announce(2 ** 40), [])).toThrow(ProtocolViolation)
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 24)
  })
})

describe("random bytes neither crash nor hang it", () => {
  test("noise behind a good frame [FR-3]", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 300 }), (noise) => {
        const { frames, fault } = decode(Buffer.concat([pong, framed(noise)]))
        expect(frames[0]).toStrictEqual({ type: "pong", nonce: 7 })
        expect(frames.length > 1 || fault !== undefined).toBe(true)
      }),
      { numRuns: 2000 },
    )
  })

  test("good frames with a byte changed", () => {
    fc.assert(
      fc.property(fc.nat(everything.length - 1), fc.nat(255), (at, byte) => {
        const bytes = Buffer.from(everything)
        bytes[at] = byte
        expect(decode(bytes).frames.length).toBeLessThanOrEqual(each.length + 1)
      }),
      { numRuns: 300 },
    )
  })
})

test("small binary data has memory of its own, and keeps nothing else alive [VA-4]", () => {
  const { head } = encode({ type: "result", id: 1, value: [new Uint8Array(3), "x".repeat(60_000)] })
  const [frame] = decode(head).frames
  if (frame?.type !== "result" || !Array.isArray(frame.value)) throw new Error("not a result")
  expect(frame.value[0].buffer.byteLength).toBe(3)
})

test("the size of a chunk is that of its map and its attachments, however cut [CR-1]", () => {
  const frame: Frame = { type: "chunk", id: 1, seq: 0, value: ["é", new Uint8Array(20_000)] }
  const { head, attachments, size } = encode(frame)
  expect(size).toBe(head.length - 4 + 20_000)
  const bytes = Buffer.concat([head, ...attachments])
  for (const cuts of [[], [...bytes.keys()]]) expect(decode(bytes, cuts).frames).toMatchObject([{ size }])
})

test("[ST-6] chunks that left together are chunks like any other", () => {
  // {type: "chunks", id: 7, seq: 3, values: [1, [2]]}, the array with a head of four bytes, as a worker writes it.
  const bytes = framed(
    Buffer.from("84a474797065a66368756e6b73a2696407a373657103a676616c756573dd00000002019102", "hex"),
  )
  const size = (bytes.length - 4) / 2
  expect(decode(bytes)).toStrictEqual({
    frames: [
      { type: "chunk", id: 7, seq: 3, value: 1, size },
      { type: "chunk", id: 7, seq: 4, value: [2], size },
    ],
  })
})
