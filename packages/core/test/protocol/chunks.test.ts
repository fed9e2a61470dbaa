import { describe, expect, test } from "vitest"
import {
  decodeFrame,
  defaultLimits,
  type Frame,
  jsonCodec,
  ProtocolViolation,
} from "../../src/transport/index.js"

function decode(line: string): readonly Frame[] {
  const { decoder } = jsonCodec({ limits: defaultLimits, attachments: true })
  const frames: Frame[] = []
  decoder.feed(Buffer.from(`${line}\n`), frames)
  return frames
}

describe("[ST-6] chunks that left together", () => {
  test("are chunks like any other", () => {
    const line =
      '{"type":"chunks","id":7,"seq":3,"values":[1,{"a":{"$":"bigint","value":"9007199254740993"}}]}'
    const size = line.length / 2
    expect(decode(line)).toStrictEqual([
      { type: "chunk", id: 7, seq: 3, value: 1, size },
      { type: "chunk", id: 7, seq: 4, value: { a: 9007199254740993n }, size },
    ])
  })

  test("are for a decoder of frames, not for one that gives a single frame", () => {
    const line = '{"type":"chunks","id":7,"seq":3,"values":[1,2]}'
    expect(() => decodeFrame(line, [], { limits: defaultLimits })).toThrow("more than one frame")
  })

  test("may be none", () => {
    expect(decode('{"type":"chunks","id":7,"seq":3,"values":[]}')).toEqual([])
  })

  test.each([
    ['{"type":"chunks","seq":0,"values":[1]}', "chunks.id"],
    ['{"type":"chunks","id":1,"values":[1]}', "chunks.seq"],
    ['{"type":"chunks","id":1,"seq":0}', "chunks.values"],
    ['{"type":"chunks","id":1,"seq":0,"values":1}', "chunks.values"],
    ['{"type":"chunks","id":1,"seq":0,"values":[{"$":"future"}]}', "unknown tag"],
    ['{"type":"chunks","id":1,"seq":0,"values":["fine","\\ud800"]}', "lone surrogate"],
  ])("must be well formed: %s", (line, message) => {
    expect(() => decode(line)).toThrow(ProtocolViolation)
    expect(() => decode(line)).toThrow(message)
  })
})
