import { defaultLimits, type Frame, ZonedDate } from "@snakepit/core/transport"
import { describe, expect, test } from "vitest"
import { MsgpackFrames } from "../src/frame-encode.js"
import { decode } from "./decode.js"
import { described } from "./described.js"
import { bytesOf, framed, vectors } from "./vectors.js"

function named<V extends { readonly name: string }>(list: readonly V[]): [string, V][] {
  return list.map((vector) => [vector.name, vector])
}

/** Dates are equal when their instants are: their texts must be, too. */
function texts(value: unknown): string[] {
  if (value instanceof ZonedDate) return [value.iso]
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(texts) : []
}

/** The bytes of the frame as they are sent. */
function encode(frame: Frame, attachments: boolean): { bytes: Buffer; size: number } {
  const encoded = new MsgpackFrames({ limits: defaultLimits, attachments }).encode(frame)
  return { bytes: Buffer.concat([Buffer.from(encoded.head), ...encoded.attachments]), size: encoded.size }
}

describe("golden frames", () => {
  test.each(named(vectors.frames))("[MP-1] [MP-2] [MP-3] [MP-4] [MP-5] [FR-2] [HS-6] %s", (_name, vector) => {
    const expected = described(vector.frame)
    for (const map of [vector.map, vector.also ?? vector.map]) {
      const { frames, fault } = decode(bytesOf({ ...vector, map }))
      expect(fault).toBeUndefined()
      const [frame] = frames.map(({ ...fields }) => fields)
      if (frame?.type === "chunk") {
        expect(frame.size).toBe(vector.size)
        Reflect.deleteProperty(frame, "size")
      }
      expect(frame ?? null).toStrictEqual(expected)
      expect(texts(frame)).toEqual(texts(expected))
    }
  })

  const written = vectors.frames.filter(({ encode }) => encode)
  test.each(named(written))("[MP-1] [MP-2] [MP-3] [MP-4] [MP-5] %s is written", (_name, vector) => {
    const [frame] = decode(bytesOf(vector)).frames.map(({ ...fields }) => fields)
    if (frame === undefined) throw new Error("nothing to write")
    const bytes = bytesOf({ ...vector, map: vector.also ?? vector.map })
    const encoded = encode(frame, vector.inline !== true)
    expect(encoded.bytes.toString("hex")).toBe(bytes.toString("hex"))
    expect(encoded.size).toBe(bytes.length - 4)
  })
})

describe("golden refusals", () => {
  test.each(named(vectors.invalid.filter(({ optional }) => optional !== true)))(
    "[FR-3] [MP-1] [MP-2] [MP-3] [MP-4] [MP-5] [LI-1] [LI-3] %s",
    (_name, vector) => {
      const bytes = Buffer.concat([
        framed(Buffer.from("82a474797065a4706f6e67a56e6f6e636507", "hex")),
        bytesOf(vector),
      ])
      for (const cuts of [[], [...bytes.keys()].slice(0, 2000)]) {
        const { frames, fault } = decode(bytes, cuts)
        expect(fault).toMatch(/./)
        expect(frames).toStrictEqual([{ type: "pong", nonce: 7 }])
      }
    },
  )
})
