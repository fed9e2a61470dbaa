import { describe, expect, it } from "vitest"
import { FrameReader } from "../src/contestants/raw-frames.js"

const frame = (text: string): Buffer => {
  const bytes = Buffer.alloc(5 + text.length)
  bytes.writeUInt32LE(text.length, 0)
  bytes.write(text, 5, "latin1")
  return bytes
}

describe("FrameReader", () => {
  const bytes = Buffer.concat([frame("one"), frame(""), frame("three")])

  it.each([1, 2, 3, 7, 100])("reads the same frames from pieces of %i bytes", (size) => {
    const seen: string[] = []
    const reader = new FrameReader(5, (payload) => seen.push(payload.toString("latin1")))
    for (let at = 0; at < bytes.length; at += size) reader.push(bytes.subarray(at, at + size))
    expect(seen).toEqual(["one", "", "three"])
  })
})
