import type { LogRecord } from "@snakepit/core"
import type { Frame } from "@snakepit/core/transport"
import { expect, test } from "vitest"
import type { Suite } from "../world.js"
import { altered } from "../wrapped.js"

const error = { code: "tool_error", type: "E", message: "" }

/** Frames that no host may send. */
const malformed = [
  ["[FR-2] an unknown type", { type: "future" }],
  ["[FR-2] no type", { type: undefined }],
  ["[FR-3] a call with the id 0", { type: "call", id: 0, tool: "add", args: { a: 1, b: 2 } }],
  ["[FR-3] a call with a fraction as its id", { type: "call", id: 1.5, tool: "add", args: { a: 1, b: 2 } }],
  ["[FR-3] a call whose tool is no string", { type: "call", id: 1, tool: 5, args: { a: 1, b: 2 } }],
  ["[FR-3] a call whose arguments are no map", { type: "call", id: 1, tool: "add", args: [1, 2] }],
  [
    "[FR-3] a call with negative credit",
    { type: "call", id: 1, tool: "count", args: { to: 1 }, stream: true, credit: -1 },
  ],
  [
    "[FR-3] a call whose metadata are no strings",
    { type: "call", id: 1, tool: "context", args: {}, meta: { a: 1 } },
  ],
  ["[FR-3] a cancel without an id", { type: "cancel" }],
  ["[FR-3] a cancel whose recall is a text", { type: "cancel", id: 1, recall: "yes" }],
  ["[FR-3] credit that is no number", { type: "credit", id: 1, n: "1" }],
  ["[FR-3] a ping without a nonce", { type: "ping" }],
  ["[FR-3] an error without a code", { type: "error", id: 1, error: { ...error, code: undefined } }],
  ["[FR-3] a drain without a grace", { type: "drain" }],
] as const

export const life: Suite = {
  basic(world) {
    test("[LV-1] a ping is answered with its nonce", async () => {
      const peer = await world.peer()
      for (const nonce of [1, 0, -5, 2 ** 53 - 1]) await peer.ping(nonce)
      expect(peer.unread).toEqual([])
    })

    test("[FR-2] [HS-6] the worker ignores frames that begin with x-, and fields that it does not know", async () => {
      const peer = await world.peer()
      peer.send({ type: "x-future", id: 1, anything: { goes: [null] } })
      peer.send({ type: "ping", nonce: 1, future: { a: 1 } })
      await peer.next((frame): frame is typeof frame => frame.type === "pong" && frame.nonce === 1)
      peer.send({ type: "cancel", id: 5, future: true })
      expect(await peer.result(peer.call("add", { a: 1, b: 2 }))).toBe(3)
      expect(peer.unread).toEqual([])
    })

    test("[LV-2] after a drain the worker finishes what it was sent, then leaves", async () => {
      const peer = await world.peer()
      const ids = [1, 2, 3].map((n) => peer.call("add", { a: n, b: 0 }))
      peer.send({ type: "drain", graceMs: 10_000 })
      for (const [n, id] of ids.entries()) expect(await peer.result(id)).toBe(n + 1)
      expect(await peer.closed).toEqual({ kind: "eof" })
      await peer.exited
    })

    test("[LV-2] a pool that closes lets its calls end", async () => {
      const pit = await world.start()
      const calls = Array.from({ length: 10 }, (_, n) => pit.execute("add", { a: n, b: 0 }))
      await pit.close()
      expect(await Promise.all(calls)).toEqual(calls.map((_, n) => n))
      expect(pit.workers()).toEqual([])
    })
  },

  full(world) {
    test.each(malformed)("%s ends the connection, and the worker", async (_what, frame) => {
      const peer = await world.peer()
      peer.send(frame)
      await peer.closed
      await peer.exited
      expect(peer.unread).toEqual([])
    })

    test("[LV-1] a ping is answered while a tool runs", async () => {
      const peer = await world.peer()
      peer.call("spin")
      await peer.logged("spinning")
      for (const nonce of [1, 2, 3]) await peer.ping(nonce)
    })

    test("[LV-2] after a drain a tool that runs may still call the host", async () => {
      const peer = await world.peer()
      const id = peer.call("wait", { name: "x" })
      const hostCall = await peer.hostCall("gate")
      peer.send({ type: "drain", graceMs: 10_000 })
      await peer.ping()
      peer.send({ type: "result", id: hostCall.id, value: "done" })
      expect(await peer.result(id)).toBe("done")
      expect(await peer.closed).toEqual({ kind: "eof" })
    })

    test("[LV-3] log records come in order, and affect no call", async () => {
      const records: LogRecord[] = []
      const pit = await world.start({ logger: (record) => void records.push(record) })
      expect(await pit.execute("log", { count: 100 })).toBe(100)
      const lines = records.filter(({ source }) => source === "log")
      expect(lines.map(({ message }) => message)).toEqual(lines.map((_, n) => `line ${n}`))
      expect(lines).toHaveLength(100)
      expect(lines[0]).toMatchObject({ level: "info", workerId: "default-1", pool: "default", tool: "log" })
    })

    test("[LV-3] events come at any time, and affect no call", async () => {
      const event: Frame = { type: "event", name: "busy", measurements: { load: 0.5 }, metadata: { gpu: 1 } }
      const eventful = altered(world.transport, (frame) => [event, frame, event])
      const pit = await world.start({ transports: [eventful] })
      const seen: unknown[] = []
      pit.on("snakepit.worker.event", ({ measurements, metadata }) => seen.push({ measurements, metadata }))
      expect(await pit.execute("add", { a: 1, b: 2 })).toBe(3)
      const metadata = { workerId: "default-1", pool: "default", name: "busy", metadata: { gpu: 1 } }
      expect(seen.slice(0, 2)).toEqual(Array(2).fill({ measurements: { load: 0.5 }, metadata }))
    })
  },
}
