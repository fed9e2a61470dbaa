import { describe, expect, test } from "vitest"
import type { Frame } from "../../src/protocol/frame.js"
import { InvalidValue } from "../../src/protocol/invalid-value.js"
import { encodeFrame } from "../../src/protocol/json-frame.js"
import { decodeFrame } from "../../src/protocol/json-line.js"
import { creditCost, defaultLimits } from "../../src/protocol/limits.js"
import { ProtocolViolation } from "../../src/protocol/violation.js"

const options = { limits: defaultLimits, attachments: true }
const small = { limits: { ...defaultLimits, maxFrameBytes: 100, maxAttachmentBytes: 10 }, attachments: true }

describe("encodeFrame", () => {
  test("writes one line, whatever the strings hold [JS-1]", () => {
    const { text } = encodeFrame({ type: "result", id: 1, value: "a\nb\r\n" }, options)
    expect(text).not.toMatch(/[\r\n]/)
  })

  test("a call carries its optional fields", () => {
    const frame: Frame = {
      type: "call",
      id: 3,
      tool: "t",
      args: {},
      stream: false,
      credit: 0,
      session: 's"1',
      deadlineMs: 0.5,
      parent: 2,
      meta: { a: "b" },
    }
    expect(decodeFrame(encodeFrame(frame, options).text, [], options)).toStrictEqual(frame)
  })

  test("an infinite deadline is none", () => {
    const { text } = encodeFrame({ type: "call", id: 1, tool: "t", args: {}, deadlineMs: Infinity }, options)
    expect(decodeFrame(text, [], options)).toStrictEqual({ type: "call", id: 1, tool: "t", args: {} })
  })

  test("the size of a received chunk stays here", () => {
    const { text } = encodeFrame({ type: "chunk", id: 1, seq: 0, value: 1, size: 99 }, options)
    expect(JSON.parse(text)).not.toHaveProperty("size")
  })

  test("size counts bytes, not characters, and the attachments [CR-1]", () => {
    const { text, size } = encodeFrame(
      { type: "chunk", id: 1, seq: 0, value: ["é✓", new Uint8Array(1000)] },
      options,
    )
    expect(size).toBe(Buffer.byteLength(text) + 1000)
    expect(size).toBeGreaterThan(text.length + 1000)
  })

  test("a line beyond the limit fails here, before anything is sent [LI-1] [LI-2]", () => {
    const frame: Frame = { type: "call", id: 1, tool: "t", args: { text: "é".repeat(40) } }
    expect(() => encodeFrame(frame, small)).toThrow(InvalidValue)
    expect(() => encodeFrame(frame, small)).toThrow(/^args: .*maxFrameBytes is 100/)
    const empty = encodeFrame({ ...frame, args: { text: "" } }, small).size
    expect(encodeFrame({ ...frame, args: { text: "x".repeat(100 - empty) } }, small).size).toBe(100)
    expect(() => encodeFrame({ ...frame, args: { text: "x".repeat(101 - empty) } }, small)).toThrow(
      InvalidValue,
    )
  })

  test("attachments count together [LI-1] [LI-2]", () => {
    const frame = (length: number): Frame => ({
      type: "result",
      id: 1,
      value: [new Uint8Array(length), new Uint8Array(5)],
    })
    expect(encodeFrame(frame(5), small).attachments).toHaveLength(2)
    expect(() => encodeFrame(frame(6), small)).toThrow(/^result: .*maxAttachmentBytes is 10/)
  })

  test("a text for people arrives without its lone surrogates [ER-3]", () => {
    const frame: Frame = {
      type: "error",
      id: 1,
      error: { code: "tool_error", type: "E", message: "a\ud800b \\ud800 😀", traceback: "\udfff" },
    }
    expect(decodeFrame(encodeFrame(frame, options).text, [], options)).toStrictEqual({
      ...frame,
      error: { code: "tool_error", type: "E", message: "a\ufffdb \\ud800 😀", traceback: "\ufffd" },
    })
  })
})

describe("decodeFrame", () => {
  test("fills in the size of a chunk, and of nothing else", () => {
    const line = '{"type":"chunk","id":1,"seq":0,"value":1}'
    expect(decodeFrame(line, [], options, 41)).toStrictEqual({
      type: "chunk",
      id: 1,
      seq: 0,
      value: 1,
      size: 41,
    })
    expect(decodeFrame('{"type":"result","id":1,"value":1}', [], options, 34)).not.toHaveProperty("size")
  })

  test("the message of a refusal says what was wrong [FR-3]", () => {
    const decode = (line: string) => () => decodeFrame(line, [], options)
    expect(decode('{"type":"result","value":1}')).toThrow(
      "result.id must be a positive integer up to 2^53-1; it is missing",
    )
    expect(decode('{"type":"credit","id":1,"n":"x"}')).toThrow(
      "credit.n must be a non-negative integer; it is 'x'",
    )
    expect(decode('{"type":"call","id":1,"tool":"t","args":{"$":"bigint","value":"1"}}')).toThrow(
      "call.args must be a map; it is 1n",
    )
    expect(
      decode(
        '{"type":"call","id":1,"tool":"t","args":{"$":"tensor","dtype":"int8","shape":[0],"base64":""}}',
      ),
    ).toThrow("call.args must be a map")
    expect(decode('{"type":"result","id":1,"value":{"$":"set"}}')).toThrow("result: unknown tag 'set'")
    expect(decode('{"type":"resul"}')).toThrow("unknown frame type 'resul'")
  })

  test("attachments that are not those announced are refused [JS-2]", () => {
    const line = '{"type":"result","id":1,"value":{"$":"bytes","at":0},"attach":[2]}'
    expect(() => decodeFrame(line, [], options)).toThrow(ProtocolViolation)
    expect(() => decodeFrame(line, [new Uint8Array(3)], options)).toThrow(ProtocolViolation)
    expect(decodeFrame(line, [new Uint8Array(2)], options)).toStrictEqual({
      type: "result",
      id: 1,
      value: new Uint8Array(2),
    })
  })

  test("a value that is deep beyond any stack is refused, not followed [LI-3]", () => {
    for (const depth of [129, 5_000_000]) {
      const line = `{"type":"result","id":1,"value":${"[".repeat(depth)}${"]".repeat(depth)}}`
      expect(() => decodeFrame(line, [], options)).toThrow(ProtocolViolation)
    }
  })

  test("lone surrogates deep in what is ignored do no harm", () => {
    const deep = `${"[".repeat(200_000)}"\\ud800"${"]".repeat(200_000)}`
    expect(decodeFrame(`{"type":"pong","nonce":1,"future":${deep}}`, [], options)).toStrictEqual({
      type: "pong",
      nonce: 1,
    })
  })

  test("pairs of surrogates that were escaped are valid", () => {
    const line = '{"type":"result","id":1,"value":"\\ud83d\\ude00 \\uD83D\\uDE00"}'
    expect(decodeFrame(line, [], options)).toStrictEqual({ type: "result", id: 1, value: "😀 😀" })
  })
})

test("a chunk costs one unit of credit per 4 KiB begun [CR-1]", () => {
  expect([0, 1, 4096, 4097, 8192, 65_537].map(creditCost)).toEqual([1, 1, 1, 2, 2, 17])
})
