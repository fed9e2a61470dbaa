import { Snakepit } from "@snakepit/core"
import type { Transport } from "@snakepit/core/transport"
import { maxHelloBytes, parseHello } from "@snakepit/core/transport"
import { expect, test } from "vitest"
import { Peer } from "../peer.js"
import type { Suite, World } from "../world.js"

/** A transport that no worker has. */
const pigeon: Transport = {
  name: "carrier-pigeon",
  open: () => Promise.reject(new Error("nobody can take this transport")),
}

export const handshake: Suite = {
  basic(world) {
    test("[HS-1] [HS-3] the worker's first bytes are its hello; after the welcome frames follow", async () => {
      const worker = await world.launch()
      const { line = "" } = worker
      expect(Buffer.byteLength(line)).toBeLessThan(maxHelloBytes)
      expect(JSON.parse(line)).toMatchObject({ snakepit: 1, transport: world.transport.name })
      const peer = new Peer(await worker.open(world.transport), worker.exited)
      expect(await peer.result(peer.call("add", { a: 1, b: 2 }))).toBe(3)
    })

    test("[HS-2] the worker takes the first transport that it can use, and says what it passed over", async () => {
      const { line = "" } = await world.launch([pigeon.name, world.transport])
      expect(parseHello(line)).toMatchObject({
        kind: "hello",
        hello: {
          transport: world.transport.name,
          skipped: [{ transport: pigeon.name, reason: expect.stringMatching(/./) }],
        },
      })
    })

    test("[HS-4] a worker that can use none says so in place of its hello, and exits", async () => {
      const worker = await world.launch([pigeon.name])
      expect(parseHello(worker.line ?? "")).toMatchObject({ kind: "failed", error: { code: "unavailable" } })
      await worker.exited
    })

    test("[HS-4] a pool whose workers can use none fails to start, once, and names them", async () => {
      const starting = Snakepit.start({ ...configOf(world), transports: [pigeon] })
      await expect(starting).rejects.toMatchObject({
        _tag: "StartFailed",
        reason: "transport",
        message: expect.stringContaining(pigeon.name),
        skipped: [{ transport: pigeon.name }],
      })
    })

    test("[HS-5] the worker leaves when the host speaks another version", async () => {
      const worker = await world.launch()
      // It may have left before its transport is open.
      const opening = worker.open(world.transport, { welcome: { snakepit: 2 } })
      await opening.then((channel) => channel.onFrames(() => {})).catch(() => {})
      await worker.exited
    })

    test("[HS-6] the worker ignores fields of the welcome that it does not know", async () => {
      const peer = await world.peer({ welcome: { future: { rows: [1, null] }, transport: 7 } })
      expect(await peer.result(peer.call("add", { a: 1, b: 2 }))).toBe(3)
    })

    test("[HS-7] the worker leaves when the channel ends, before the welcome and after it", async () => {
      const waiting = await world.launch()
      waiting.stream.destroy()
      await waiting.exited
      const ready = await world.launch()
      const peer = new Peer(await ready.open(world.transport), ready.exited)
      await peer.ping()
      ready.stream.destroy()
      await ready.exited
    })
  },

  full(world) {
    test("[HS-7] the worker leaves when the channel ends, also while a tool runs", async () => {
      const worker = await world.launch()
      const peer = new Peer(await worker.open(world.transport), worker.exited)
      peer.call("spin")
      await peer.logged("spinning")
      worker.stream.destroy()
      await worker.exited
    })

    test("the hello tells what the worker is and can do", async () => {
      const { line = "" } = await world.launch()
      const first = parseHello(line)
      if (first.kind !== "hello") throw new Error("no hello")
      const { features, concurrency, runtime, tools } = first.hello
      expect([...features].sort()).toEqual(["attachments", "cancel", "host-call", "sessions", "stream"])
      expect(concurrency).toBe(1)
      expect(runtime?.name).toMatch(/^[a-z]+$/)
      expect(tools).toContainEqual({
        name: "add",
        description: expect.any(String),
        streaming: false,
        extra: false,
        parameters: [
          { name: "a", type: "integer", required: true },
          { name: "b", type: "integer", required: true },
        ],
      })
    })
  },
}

function configOf({ target }: World) {
  return { adapter: target.adapter, pool: { size: 2 }, logger: false as const }
}
