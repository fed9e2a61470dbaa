import { expect, test } from "vitest"
import { frameFromFields } from "../../src/protocol/frame-decode.js"
import { decodeFrame } from "../../src/protocol/json-line.js"
import { defaultLimits as limits } from "../../src/protocol/limits.js"
import { ProtocolViolation } from "../../src/protocol/violation.js"

const unknown = '{"$":"future"}'
const base64 = (text: string): string => Buffer.from(text).toString("base64")

function chunkOf(text: string): unknown {
  return decodeFrame(`{"type":"chunk","id":1,"seq":0,"value":${text}}`, [], { limits })
}

test("a chunk that cannot be decoded holds the text of its value, not a version of it [JS-6]", () => {
  for (const text of [unknown, `[1.0,  1e2, "é\\u00e9", ${unknown}]`, `{"a":1,"a":${unknown}}`]) {
    expect(chunkOf(text)).toStrictEqual({
      type: "chunk",
      id: 1,
      seq: 0,
      value: { raw_data_base64: base64(text) },
    })
  }
})

test("deep as it may be, it is not followed [JS-6] [LI-3]", () => {
  const text = `[${unknown},${"[".repeat(200_000)}${"]".repeat(200_000)}]`
  expect(chunkOf(text)).toHaveProperty("value", { raw_data_base64: base64(text) })
})

test("a fault elsewhere in the frame is still a violation [FR-3]", () => {
  const line = `{"type":"chunk","id":1,"seq":-1,"value":${unknown}}`
  expect(() => decodeFrame(line, [], { limits })).toThrow(ProtocolViolation)
})

test("so is every value of another frame [JS-6]", () => {
  for (const line of [
    `{"type":"result","id":1,"value":${unknown}}`,
    `{"type":"call","id":1,"tool":"t","args":{"value":${unknown}}}`,
    `{"type":"error","id":1,"error":{"code":"internal","type":"E","message":"","details":${unknown}}}`,
  ])
    expect(() => decodeFrame(line, [], { limits })).toThrow("unknown tag 'future'")
})

test("so is a chunk's value where nobody can tell what it was encoded as", () => {
  const decode = (): never => {
    throw new ProtocolViolation("chunk: no")
  }
  const fields = { type: "chunk", id: 1, seq: 0, value: 1 }
  expect(() => frameFromFields(fields, { decode })).toThrow("chunk: no")
  expect(() => frameFromFields(fields, { decode, encoded: () => undefined })).toThrow("chunk: no")
  const broken = (): never => {
    throw new TypeError("a fault of the decoder")
  }
  const encoded = (): Uint8Array => new Uint8Array(1)
  expect(() => frameFromFields(fields, { decode: broken, encoded })).toThrow(TypeError)
})
