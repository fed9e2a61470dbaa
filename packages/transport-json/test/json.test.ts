import { PassThrough } from "node:stream"
import { defaultLimits, type FrameChannel, type Hello } from "@snakepit/core/transport"
import { expect, test } from "vitest"
import { json } from "../src/index.js"

const hello: Hello = {
  transport: "json",
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

function open(more: Partial<Hello> = {}, highWaterMark?: number): Promise<FrameChannel> {
  const io = { stream: new PassThrough(), limits: defaultLimits, signal: new AbortController().signal }
  return json(highWaterMark === undefined ? {} : { highWaterMark }).open({
    ...io,
    hello: { ...hello, ...more },
  })
}

test("carries frames as lines of JSON, and binary data behind them", async () => {
  // What is written to this stream comes back.
  const channel = await open()
  const frame = { type: "result", id: 1, value: [new Uint8Array([0, 10, 255]), "é"] } as const
  const received = new Promise((resolve) => channel.onFrames(resolve))
  channel.send(frame)
  expect(await received).toStrictEqual([frame])
})

test("is known by its name, and refuses a worker that is somewhere else", async () => {
  expect(json().name).toBe("json")
  await expect(open({ address: "tcp:1" })).rejects.toThrow("json runs on the worker's own channel")
})

test("takes a mark above which it is not writable", async () => {
  const channel = await open({}, 1_000_000)
  channel.send({ type: "result", id: 1, value: "x".repeat(900_000) })
  expect(channel.writable).toBe(true)
  channel.send({ type: "result", id: 2, value: "x".repeat(200_000) })
  expect(channel.writable).toBe(false)
})
