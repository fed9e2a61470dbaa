import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { defaultLimits, encodeFrame, type Frame, ProtocolViolation } from "../../src/transport/index.js"
import { JsonLineDecoder } from "../../src/transport/json-line-decoder.js"
import { bytesOf, vectors } from "./vectors.js"

const small = { ...defaultLimits, maxFrameBytes: 100, maxAttachmentBytes: 1000 }

/** Feeds the bytes, cut at `cuts`, and tells all that came of it. */
function decode(
  bytes: Buffer,
  cuts: readonly number[],
  limits = defaultLimits,
): { frames: Frame[]; fault?: string } {
  const decoder = new JsonLineDecoder(limits)
  const frames: Frame[] = []
  let from = 0
  try {
    for (const cut of [...cuts].sort((a, b) => a - b).concat(bytes.length)) {
      const chunk = Buffer.from(bytes.subarray(from, cut))
      decoder.feed(chunk, frames)
      // A chunk belongs to its owner again: nothing that was decoded may be a view of it.
      chunk.fill(0)
      from = cut
    }
    decoder.end()
    return { frames }
  } catch (error) {
    if (error instanceof ProtocolViolation) return { frames, fault: error.message }
    throw error
  }
}

const everything = Buffer.concat(vectors.frames.map(bytesOf))
const each = vectors.frames.flatMap((vector) => decode(bytesOf(vector), []).frames)

function cutsOf(length: number): fc.Arbitrary<number[]> {
  return fc.array(fc.nat(length), { maxLength: 40 })
}

describe("R13: any segmentation decodes to the same frames [FR-4] [JS-2]", () => {
  test("one after the other, in one piece", () => {
    expect(each).toHaveLength(vectors.frames.filter((vector) => vector.frame !== null).length)
    expect(decode(everything, [])).toStrictEqual({ frames: each })
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
    const sly = Buffer.from('{"type":"pong","nonce":1}\n\n')
    const frame: Frame = { type: "result", id: 1, value: [sly, new Uint8Array(0), sly] }
    const { text, attachments } = encodeFrame(frame, { limits: defaultLimits, attachments: true })
    const bytes = Buffer.concat([
      Buffer.from(`${text}\n`),
      ...attachments,
      Buffer.from('{"type":"pong","nonce":2}\n'),
    ])
    const whole = decode(bytes, [])
    expect(whole.frames).toHaveLength(2)
    fc.assert(
      fc.property(cutsOf(bytes.length), (cuts) => {
        expect(decode(bytes, cuts)).toStrictEqual(whole)
      }),
    )
  })
})

describe("what is not a frame ends it", () => {
  test.each(vectors.invalid.map((vector) => [vector.name, vector] as const))("%s [FR-3]", (_name, vector) => {
    const bytes = Buffer.concat([Buffer.from('{"type":"pong","nonce":7}\n'), bytesOf(vector)])
    for (const cuts of [[], [...bytes.keys()].slice(0, 2000)]) {
      const { frames, fault } = decode(bytes, cuts)
      expect(fault).toBeDefined()
      expect(frames).toStrictEqual([{ type: "pong", nonce: 7 }])
    }
  })

  test("I6: bytes that are not UTF-8 [JS-1]", () => {
    const bytes = Buffer.from('{"type":"result","id":1,"value":"\xff"}\n', "latin1")
    expect(decode(bytes, []).fault).toMatch(/UTF-8/)
    expect(decode(Buffer.from('{"type":"result","id":1,"value":"\ufffd"}\n'), []).frames).toHaveLength(1)
  })

  test("R3: an end in the middle of a frame", () => {
    const whole = bytesOf({
      name: "",
      line: '{"type":"result","id":1,"value":{"$":"bytes","at":0},"attach":[2]}',
      attachments: ["YWI="],
    })
    expect(decode(whole, [])).toMatchObject({ frames: [{ id: 1 }] })
    for (let length = 1; length < whole.length; length++) {
      expect(decode(whole.subarray(0, length), [])).toStrictEqual({
        frames: [],
        fault: "the stream ended in the middle of a frame",
      })
    }
  })
})

describe("R4: beyond its limit a length is refused before memory is taken [LI-1] [LI-2]", () => {
  const line = (length: number): Buffer => Buffer.from(`${'{"type":"pong","nonce":1}'.padEnd(length)}\n`)

  test("a line may be as long as the limit, not longer", () => {
    expect(decode(line(100), [], small).frames).toHaveLength(1)
    expect(decode(line(101), [], small).fault).toMatch(/maxFrameBytes \(100\)/)
    expect(decode(line(101), [50], small).fault).toMatch(/maxFrameBytes \(100\)/)
  })

  test("a line without an end is given up at the limit", () => {
    const decoder = new JsonLineDecoder(small)
    const frames: Frame[] = []
    decoder.feed(Buffer.alloc(100, " "), frames)
    expect(() => decoder.feed(Buffer.from(" "), frames)).toThrow(/maxFrameBytes/)
  })

  test("the sum of the attachments counts, and is known from the line", () => {
    const announce = (...attach: number[]): Buffer =>
      Buffer.from(`${JSON.stringify({ type: "x-a", attach })}\n`)
    expect(() => new JsonLineDecoder(small).feed(announce(500, 500), [])).not.toThrow()
    expect(() => new JsonLineDecoder(small).feed(announce(500, 501), [])).toThrow(
      /1001 bytes; maxAttachmentBytes is 1000/,
    )
    const before = process.memoryUsage().arrayBuffers
    expect(() => new JsonLineDecoder(defaultLimits).feed(announce(2 ** 40), [])).toThrow(ProtocolViolation)
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 24)
  })
})

describe("R14: random bytes neither crash nor hang it", () => {
  const noise = fc.uint8Array({ maxLength: 300 })
  const token = fc.constantFrom(
    ...'{}[]":,\n\\$0-',
    '{"type":"',
    'result"',
    '"id":1',
    '"value":',
    '"attach":[',
    '{"$":"',
    'bytes"',
    '"at":0',
    'tensor"',
    '"shape":[',
    "\\ud800",
    "null",
  )
  const soup = fc.array(token, { maxLength: 60 }).map((tokens) => Buffer.from(tokens.join("")))

  test("noise, alone and after a good frame", () => {
    fc.assert(
      fc.property(fc.oneof(noise, soup), (bytes) => {
        const { frames, fault } = decode(
          Buffer.concat([Buffer.from('{"type":"pong","nonce":7}\n'), bytes]),
          [],
        )
        expect(frames[0]).toStrictEqual({ type: "pong", nonce: 7 })
        expect(frames.length > 1 || fault !== undefined || bytes.length === 0 || isIgnored(bytes)).toBe(true)
      }),
      { numRuns: 2000 },
    )
  })

  test("good frames with a byte changed", () => {
    fc.assert(
      fc.property(fc.nat(everything.length - 1), fc.nat(255), (at, byte) => {
        const bytes = Buffer.from(everything)
        bytes[at] = byte
        expect(decode(bytes, []).frames.length).toBeLessThanOrEqual(each.length + 1)
      }),
      { numRuns: 300 },
    )
  })
})

/** A frame of an x- type may come out of noise; it leaves no trace. */
function isIgnored(bytes: Uint8Array): boolean {
  return Buffer.from(bytes).includes('"x-')
}

test("each attachment has memory of its own", () => {
  const line = '{"type":"result","id":1,"value":[{"$":"bytes","at":0},{"$":"bytes","at":1}],"attach":[3,2]}'
  const { frames } = decode(bytesOf({ name: "", line, attachments: ["YWJj", "ZGU="] }), [])
  const [frame] = frames
  if (frame?.type !== "result" || !Array.isArray(frame.value)) throw new Error("not a result")
  expect(frame.value.map((bytes) => bytes.buffer.byteLength)).toEqual([3, 2])
})

test("the size of a chunk is that of its line and its attachments, however cut [CR-1]", () => {
  const frame: Frame = { type: "chunk", id: 1, seq: 0, value: ["é", new Uint8Array(10)] }
  const { text, attachments, size } = encodeFrame(frame, { limits: defaultLimits, attachments: true })
  const bytes = Buffer.concat([Buffer.from(`${text}\n`), ...attachments])
  for (const cuts of [[], [...bytes.keys()]]) expect(decode(bytes, cuts).frames).toMatchObject([{ size }])
})
