import { duplexPair } from "node:stream"
import { defaultLimits, type Frame, type FrameChannel, InvalidValue } from "@snakepit/core/transport"
import { pack } from "msgpackr"
import { describe, expect, test } from "vitest"
import { decode } from "./decode.js"
import { closed, open, pong } from "./support.js"
import { framed } from "./vectors.js"

async function pair(features?: readonly string[]): Promise<[FrameChannel, FrameChannel]> {
  const [a, b] = duplexPair()
  return [await open(a, features), await open(b, features)]
}

/** The next `count` frames. */
function receive(channel: FrameChannel, count: number): Promise<Frame[]> {
  const frames: Frame[] = []
  return new Promise((resolve) =>
    channel.onFrames((batch) => {
      frames.push(...batch)
      if (frames.length >= count) resolve(frames)
    }),
  )
}

/** A frame, or what is none, as another implementation writes it. */
function packed(frame: object): Buffer {
  return framed(pack(frame))
}

describe("a channel of MessagePack", () => {
  test("carries frames both ways, in order, with their binary data [MP-1] [MP-3] [VA-4]", async () => {
    const [a, b] = await pair()
    const bytes = new Uint8Array(300_000).map((_, index) => index)
    const sent: Frame[] = [
      pong(1),
      { type: "result", id: 1, value: [bytes, "é", new Uint8Array(0)] },
      pong(2),
    ]
    for (const frame of sent) a.send(frame)
    expect(await receive(b, 3)).toStrictEqual(sent)
    b.send(pong(3))
    expect(await receive(a, 1)).toStrictEqual([pong(3)])
  })

  test("tells the size of a chunk on both ends alike [CR-1]", async () => {
    const [a, b] = await pair()
    const size = a.send({ type: "chunk", id: 1, seq: 0, value: { text: "é", bytes: new Uint8Array(70_000) } })
    const [chunk] = await receive(b, 1)
    expect(chunk).toMatchObject({ size })
    expect(size).toBeGreaterThan(70_000)
  })

  test("a peer without attachments gets its bytes inside of the map [MP-3]", async () => {
    const [a, b] = duplexPair()
    const channel = await open(a, [])
    const bytes = new Uint8Array(20_000).fill(7)
    channel.send({ type: "result", id: 1, value: bytes })
    channel.close()
    const written = Buffer.concat(await b.toArray())
    expect(written.readUInt32BE()).toBe(written.length - 4)
    expect(decode(written)).toStrictEqual({ frames: [{ type: "result", id: 1, value: bytes }] })
  })

  test("the frames before a fault are delivered, then it closes and says how the peer erred [FR-3]", async () => {
    const [a, b] = duplexPair()
    const channel = await open(a)
    const order: unknown[] = []
    channel.onFrames((batch) => order.push(...batch))
    const reason = closed(channel).then((why) => order.push(why))
    b.write(Buffer.concat([packed(pong(1)), packed({ type: "nonsense" }), packed(pong(2))]))
    await reason
    expect(order).toStrictEqual([pong(1), { kind: "protocol", message: "unknown frame type 'nonsense'" }])
  })

  test("an end in the middle of a frame is a fault", async () => {
    const [a, b] = duplexPair()
    const channel = await open(a)
    channel.onFrames(() => {})
    b.end(packed(pong(1)).subarray(0, 10))
    expect(await closed(channel)).toStrictEqual({
      kind: "protocol",
      message: "the stream ended in the middle of a frame",
    })
  })

  test("what cannot be encoded throws, and disturbs no other frame [LI-2] [VA-8]", async () => {
    const [a, b] = duplexPair()
    const sender = await open(a, ["attachments"], { ...defaultLimits, maxFrameBytes: 100 })
    const receiver = await open(b)
    sender.send(pong(1))
    expect(() =>
      sender.send({ type: "result", id: 1, value: [new Uint8Array(20_000), Symbol("x")] }),
    ).toThrow(InvalidValue)
    expect(() => sender.send({ type: "result", id: 1, value: "x".repeat(100) })).toThrow(/maxFrameBytes/)
    sender.send(pong(2))
    expect(await receive(receiver, 2)).toStrictEqual([pong(1), pong(2)])
  })
})
