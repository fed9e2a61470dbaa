import { once } from "node:events"
import { Duplex } from "node:stream"
import { describe, expect, test } from "vitest"
import { defaultLimits } from "../../src/transport/index.js"
import { closed, hello, json, open, pong } from "./support.js"

/** Collects what is written, a chunk a call; a write is not done before the test says so. */
class Sink extends Duplex {
  readonly writes: Buffer[][] = []
  readonly pending: (() => void)[] = []

  constructor() {
    super({ readableHighWaterMark: 16, writableHighWaterMark: 16 })
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.writes.push([chunk])
    this.pending.push(done)
  }

  override _writev(chunks: { chunk: Buffer }[], done: () => void): void {
    this.writes.push(chunks.map(({ chunk }) => chunk))
    this.pending.push(done)
  }
}

describe("writing", () => {
  test("everything of one tick leaves in one write", async () => {
    const sink = new Sink()
    const channel = await open(sink)
    for (let nonce = 1; nonce <= 3; nonce++) channel.send(pong(nonce))
    expect(sink.writes).toEqual([])
    await new Promise(process.nextTick)
    expect(sink.writes.map((chunks) => Buffer.concat(chunks).toString())).toEqual([
      '{"type":"pong","nonce":1}\n{"type":"pong","nonce":2}\n{"type":"pong","nonce":3}\n',
    ])
  })

  test("large attachments are neither copied nor written apart from their lines", async () => {
    const sink = new Sink()
    const channel = await open(sink)
    const bytes = new Uint8Array(100_000)
    channel.send(pong(1))
    channel.send({ type: "result", id: 1, value: bytes })
    channel.send({ type: "result", id: 2, value: [bytes, bytes] })
    await new Promise(process.nextTick)
    for (const done of sink.pending.splice(0)) done()
    const written = sink.writes.flat()
    expect(written.filter((chunk) => chunk.buffer === bytes.buffer)).toHaveLength(3)
    expect(sink.writes.length).toBeLessThanOrEqual(2)
  })

  test("is not writable above the mark, and says when it is again", async () => {
    const sink = new Sink()
    const io = { stream: sink, hello, limits: defaultLimits, signal: new AbortController().signal }
    const channel = await json({ highWaterMark: 100 }).open(io)
    let told = 0
    channel.onWritable(() => told++)
    channel.send({ type: "result", id: 1, value: "x" })
    expect(channel.writable).toBe(true)
    channel.send({ type: "result", id: 2, value: "x".repeat(100) })
    expect(channel.writable).toBe(false)
    await new Promise(process.nextTick)
    expect(channel.writable).toBe(false)
    expect(told).toBe(0)
    const drained = once(sink, "drain")
    for (const done of sink.pending.splice(0)) done()
    await drained
    expect(channel.writable).toBe(true)
    expect(told).toBe(1)
  })
})

describe("open", () => {
  const io = async (): Promise<{ stream: Duplex; limits: typeof defaultLimits }> => ({
    stream: new Sink(),
    limits: defaultLimits,
  })

  test("refuses a worker that is somewhere else", async () => {
    const elsewhere = {
      ...(await io()),
      hello: { ...hello, address: "tcp:1" },
      signal: new AbortController().signal,
    }
    await expect(json().open(elsewhere)).rejects.toThrow("tcp:1")
  })

  test("refuses a start that was given up", async () => {
    const late = { ...(await io()), hello, signal: AbortSignal.abort(new Error("too late")) }
    await expect(json().open(late)).rejects.toThrow("too late")
  })

  test("of a stream that is gone already ends at once", async () => {
    const sink = new Sink()
    sink.destroy()
    await once(sink, "close")
    const channel = await open(sink)
    channel.onFrames(() => {})
    expect(await closed(channel)).toStrictEqual({ kind: "eof" })
  })
})
