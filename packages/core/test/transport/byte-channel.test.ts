import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, rmSync } from "node:fs"
import { connect, createServer, type Socket } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, describe, expect, test } from "vitest"
import {
  type CloseReason,
  defaultLimits,
  type Frame,
  type FrameChannel,
  InvalidValue,
} from "../../src/transport/index.js"
import { closed, open, pong } from "./support.js"

const cleanups: (() => void)[] = []
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup()
})

/** A unix socket that waits for one peer. */
function listen(): { path: string; peer: Promise<Socket> } {
  const folder = mkdtempSync(join(tmpdir(), "snakepit-"))
  const path = join(folder, "socket")
  const server = createServer({ pauseOnConnect: true }).listen(path)
  const peer = once(server, "connection").then(([socket]: Socket[]) => {
    if (socket === undefined) throw new Error("no peer")
    cleanups.push(() => socket.destroy())
    return socket
  })
  cleanups.push(() => {
    server.close()
    rmSync(folder, { recursive: true })
  })
  return { path, peer }
}

/** Two connected sockets. */
async function sockets(): Promise<[Socket, Socket]> {
  const { path, peer } = listen()
  const other = connect(path)
  cleanups.push(() => other.destroy())
  await once(other, "connect")
  return [await peer, other]
}

async function pair(features?: readonly string[]): Promise<[FrameChannel, FrameChannel]> {
  const [a, b] = await sockets()
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

describe("a channel over real sockets", () => {
  test("carries frames both ways, in order, with their binary data [JS-2] [VA-4]", async () => {
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

  test("a peer without attachments gets base64 on plain lines [JS-5]", async () => {
    const [a, b] = await sockets()
    const channel = await open(a, [])
    channel.send({ type: "result", id: 1, value: new Uint8Array([0, 10, 255]) })
    b.resume()
    const [line] = await once(b, "data")
    expect(String(line)).toBe('{"type":"result","id":1,"value":{"$":"bytes","base64":"AAr/"}}\n')
  })

  test("frames that came before anyone listened are kept", async () => {
    const [a, b] = await pair()
    a.send(pong(1))
    a.close()
    await closed(a)
    const reason = closed(b)
    expect(await receive(b, 1)).toStrictEqual([pong(1)])
    expect(await reason).toStrictEqual({ kind: "eof" })
  })

  test("close sends what is queued, twice is harmless, and a late frame goes nowhere", async () => {
    const [a, b] = await pair()
    const reasons: CloseReason[] = []
    a.onClosed((reason) => reasons.push(reason))
    const done = closed(a)
    a.send({ type: "result", id: 1, value: "x".repeat(500_000) })
    a.close()
    a.close()
    expect(a.send(pong(2))).toBeGreaterThan(0)
    expect(await receive(b, 1)).toMatchObject([{ id: 1 }])
    expect(await done).toStrictEqual({ kind: "closed" })
    expect(await closed(b)).toStrictEqual({ kind: "eof" })
    expect(await closed(a)).toStrictEqual({ kind: "closed" })
    expect(reasons).toHaveLength(1)
  })

  test("the frames before a fault are delivered, then it closes and says how the peer erred [FR-3]", async () => {
    const [a, b] = await sockets()
    const channel = await open(a)
    const order: unknown[] = []
    channel.onFrames((batch) => order.push(...batch))
    const reason = closed(channel).then((why) => order.push(why))
    b.write('{"type":"pong","nonce":1}\n{"type":"nonsense"}\n{"type":"pong","nonce":2}\n')
    await reason
    expect(order).toStrictEqual([pong(1), { kind: "protocol", message: "unknown frame type 'nonsense'" }])
  })

  test("R3: an end in the middle of a frame is a fault", async () => {
    const [a, b] = await sockets()
    const channel = await open(a)
    channel.onFrames(() => {})
    b.end('{"type":"pong","no')
    expect(await closed(channel)).toStrictEqual({
      kind: "protocol",
      message: "the stream ended in the middle of a frame",
    })
  })

  test("what cannot be encoded throws, and disturbs no other frame [LI-2] [VA-8]", async () => {
    const [a, b] = await sockets()
    const sender = await open(a, ["attachments"], { ...defaultLimits, maxFrameBytes: 100 })
    const receiver = await open(b)
    sender.send(pong(1))
    expect(() => sender.send({ type: "result", id: 1, value: [new Uint8Array(3), Symbol("x")] })).toThrow(
      InvalidValue,
    )
    expect(() => sender.send({ type: "result", id: 1, value: "x".repeat(100) })).toThrow(/maxFrameBytes/)
    sender.send(pong(2))
    expect(await receive(receiver, 2)).toStrictEqual([pong(1), pong(2)])
  })

  test("what a process wrote before it died is read, even if a write to it fails first", async () => {
    const { path, peer } = listen()
    const script = `
      const socket = require("node:net").connect(process.argv[1], () => {
        let text = ""
        for (let id = 1; id <= 1000; id++) text += JSON.stringify({ type: "result", id, value: id }) + "\\n"
        socket.write(text, () => process.kill(process.pid, "SIGKILL"))
      })`
    const child = spawn(process.execPath, ["-e", script, path], { stdio: "ignore" })
    const exit = once(child, "exit")
    const socket = await peer
    await exit
    const channel = await open(socket)
    const frames = receive(channel, 1000)
    // Nothing was read yet, and this write meets a socket whose other end is gone.
    for (let nonce = 1; nonce <= 3; nonce++) channel.send(pong(nonce))
    expect(await frames).toHaveLength(1000)
    expect(await closed(channel)).toStrictEqual({ kind: "eof" })
  })

  test("a stream that fails is reported, once", async () => {
    const [a] = await sockets()
    const channel = await open(a)
    channel.onFrames(() => {})
    a.destroy(new Error("cable cut"))
    expect(await closed(channel)).toStrictEqual({ kind: "io", message: "cable cut" })
  })
})
