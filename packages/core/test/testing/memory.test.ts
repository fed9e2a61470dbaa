import { duplexPair } from "node:stream"
import { describe, expect, test } from "vitest"
import { MemoryLink } from "../../src/testing/memory.js"
import { memory } from "../../src/testing.js"
import {
  type CloseReason,
  defaultLimits,
  type Frame,
  type FrameChannel,
  type Hello,
  InvalidValue,
  type Limits,
} from "../../src/transport/index.js"

const hello: Hello = {
  transport: "memory",
  address: null,
  token: null,
  pid: null,
  runtime: null,
  bridge: null,
  features: new Set(["attachments"]),
  concurrency: 1,
  tools: null,
  skipped: [],
}

interface Ends {
  readonly host: FrameChannel
  readonly worker: FrameChannel
}

/** Both ends of a connection. */
async function ends(limits: Limits = defaultLimits, features = hello.features): Promise<Ends> {
  const [hostStream, workerStream] = duplexPair({ allowHalfOpen: false })
  const link = new MemoryLink()
  const io = { stream: hostStream, hello: { ...hello, features, address: link.address }, limits }
  const host = await memory().open({ ...io, signal: new AbortController().signal })
  return { host, worker: link.workerEnd(workerStream, defaultLimits) }
}

/** The batches that arrive, and a way to wait for the end. */
function listen(channel: FrameChannel): { batches: (readonly Frame[])[]; closed: Promise<CloseReason> } {
  const batches: (readonly Frame[])[] = []
  channel.onFrames((batch) => void batches.push(batch))
  return { batches, closed: new Promise((resolve) => channel.onClosed(resolve)) }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
const ping = (nonce: number): Frame => ({ type: "ping", nonce })
const result = (value: unknown): Frame => ({ type: "result", id: 1, value })

describe("the transport memory", () => {
  test("delivers what was sent in one tick as one batch, also to one who listens later", async () => {
    const { host, worker } = await ends()
    host.send(ping(1))
    host.send(ping(2))
    await turn()
    const { batches } = listen(worker)
    await turn()
    host.send(ping(3))
    expect(batches).toHaveLength(1)
    await turn()
    expect(batches).toEqual([[ping(1), ping(2)], [ping(3)]])
  })

  test("copies values as a socket would, and tells the size of a chunk", async () => {
    const { host, worker } = await ends()
    const { batches } = listen(host)
    const bytes = new Uint8Array([1, 2, 3])
    const rows = [{ bytes }]
    const size = worker.send({ type: "chunk", id: 1, seq: 0, value: rows })
    bytes[0] = 9
    rows.push({ bytes })
    await turn()
    const value = [{ bytes: new Uint8Array([1, 2, 3]) }]
    expect(batches).toEqual([[{ type: "chunk", id: 1, seq: 0, value, size }]])
  })

  test("writes binary data into the line for a worker that reads no attachments", async () => {
    const { host, worker } = await ends(defaultLimits, new Set())
    const { batches } = listen(worker)
    const value = new Uint8Array(300)
    expect(host.send(result(value))).toBeGreaterThan(400)
    await turn()
    expect(batches).toEqual([[result(value)]])
  })

  test("ignores frames that may be ignored, and ends at a frame that may not be", async () => {
    const { host, worker } = await ends()
    const { batches, closed } = listen(worker)
    const wrong = ["x-future", "future"].map((type) => ({ type, nonce: 1 }) as unknown as Frame)
    for (const frame of [ping(1), ...wrong, ping(2)]) host.send(frame)
    expect(await closed).toMatchObject({ kind: "protocol", message: expect.stringContaining("future") })
    expect(batches).toEqual([[ping(1)]])
  })

  test("refuses to send what is beyond a limit, and to receive it", async () => {
    const { host, worker } = await ends({ ...defaultLimits, maxFrameBytes: 1024, maxAttachmentBytes: 10 })
    expect(() => host.send(result("x".repeat(1024)))).toThrow(InvalidValue)
    expect(() => host.send(result(new Uint8Array(11)))).toThrow(InvalidValue)
    const { closed } = listen(host)
    worker.send(result("x".repeat(1024)))
    expect(await closed).toMatchObject({ kind: "protocol", message: expect.stringContaining("1024") })
  })

  test("says when it is congested and when it is not any more", async () => {
    const { host, worker } = await ends()
    listen(worker)
    let relieved = 0
    host.onWritable(() => {
      relieved += 1
    })
    host.send(result(new Uint8Array(1000)))
    expect(host.writable).toBe(true)
    host.send(result(new Uint8Array(2_000_000)))
    expect(host.writable).toBe(false)
    await turn()
    expect([host.writable, relieved]).toEqual([true, 1])
    host.send(ping(1))
    await turn()
    expect(relieved).toBe(1)
  })

  test.each([
    ["host", "worker"],
    ["worker", "host"],
  ] as const)("closes for both when the %s does, after the last frame", async (closer, other) => {
    const both = await ends()
    const own = listen(both[closer])
    const peer = listen(both[other])
    both[closer].send(ping(1))
    both[closer].close()
    both[closer].send(ping(2))
    both[closer].close()
    both[other].send(ping(3))
    expect(await own.closed).toEqual({ kind: "closed" })
    expect(await peer.closed).toEqual({ kind: "eof" })
    expect(peer.batches).toEqual([[ping(1)]])
    expect(own.batches).toEqual([])
    expect(await listen(both[closer]).closed).toEqual({ kind: "closed" })
  })

  test("ends with the private channel, after what was sent before", async () => {
    const [hostStream, workerStream] = duplexPair({ allowHalfOpen: false })
    const link = new MemoryLink()
    const host = link.hostEnd(hostStream, defaultLimits, true)
    const { batches, closed } = listen(host)
    link.workerEnd(workerStream, defaultLimits).send(ping(1))
    workerStream.end()
    expect(await closed).toEqual({ kind: "eof" })
    expect(batches).toEqual([[ping(1)]])
  })

  test("reaches each worker once, and only workers inside this process", async () => {
    const [stream] = duplexPair()
    const link = new MemoryLink()
    const open = (address: string | null): Promise<FrameChannel> => {
      const { signal } = new AbortController()
      return memory().open({ stream, hello: { ...hello, address }, limits: defaultLimits, signal })
    }
    await expect(open(null)).rejects.toThrow("inProcess()")
    await expect(open("memory:0")).rejects.toThrow("memory:0")
    await open(link.address)
    await expect(open(link.address)).rejects.toThrow(link.address)
  })
})
