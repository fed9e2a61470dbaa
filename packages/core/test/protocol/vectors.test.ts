import { isUtf8 } from "node:buffer"
import { describe, expect, test } from "vitest"
import { encodeFrame } from "../../src/protocol/json-frame.js"
import { decodeFrame } from "../../src/protocol/json-line.js"
import { defaultLimits } from "../../src/protocol/limits.js"
import { ProtocolViolation } from "../../src/protocol/violation.js"
import { ZonedDate } from "../../src/protocol/zoned-date.js"
import { described, fromBase64, vectors } from "./vectors.js"

const options = { limits: defaultLimits, attachments: true }

function named<V extends { readonly name: string }>(list: readonly V[]): [string, V][] {
  return list.map((vector) => [vector.name, vector])
}

/** Dates are equal when their instants are: their texts must be, too. */
function texts(value: unknown): string[] {
  if (value instanceof ZonedDate) return [value.iso]
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(texts) : []
}

describe("golden frames [FR-1] [FR-2] [FR-3] [FR-5] [HS-6] [ER-1] [ER-2] [JS-1] [JS-2] [JS-3] [JS-4] [JS-5] [JS-6] [JS-7]", () => {
  test.each(named(vectors.frames))("%s", (_name, vector) => {
    const attachments = vector.attachments.map(fromBase64)
    const frame = decodeFrame(vector.line, attachments, options)
    const expected = described(vector.frame)
    expect(frame ?? null).toStrictEqual(expected)
    expect(texts(frame)).toEqual(texts(expected))
    if (!vector.encode || frame === undefined) return
    const encoded = encodeFrame(frame, { limits: defaultLimits, attachments: vector.base64 !== true })
    expect(JSON.parse(encoded.text)).toStrictEqual(JSON.parse(vector.line))
    expect(encoded.attachments.map((bytes) => Buffer.from(bytes).toString("base64"))).toEqual(
      vector.attachments,
    )
    if (encoded.text === vector.line) expect(encoded.size).toBe(vector.size)
  })

  test.each(named(vectors.frames))("size of: %s [CR-1]", (_name, { line, attachments, size }) => {
    const binary = attachments.reduce((sum, bytes) => sum + fromBase64(bytes).length, 0)
    expect(size).toBe(Buffer.byteLength(line) + binary)
  })
})

describe("golden refusals [FR-1] [FR-2] [FR-3] [FR-5] [JS-1] [JS-2] [JS-6] [JS-7] [LI-1] [LI-2] [LI-3] [VA-8]", () => {
  // Whether the bytes are UTF-8 is the reader's to say, who has them.
  const readable = vectors.invalid.filter((vector) => vector.line !== undefined)

  test.each(named(readable))("%s", (_name, { line = "", attachments }) => {
    expect(() => decodeFrame(line, attachments.map(fromBase64), options)).toThrow(ProtocolViolation)
  })

  test("the others are not UTF-8", () => {
    const others = vectors.invalid.filter((vector) => vector.line === undefined)
    expect(others.length).toBeGreaterThan(0)
    for (const vector of others) expect(isUtf8(fromBase64(vector.lineBase64 ?? ""))).toBe(false)
  })
})
