import { creditCost, type Frame } from "@snakepit/core/transport"
import { expect, test } from "vitest"
import type { Peer } from "../peer.js"
import type { Suite } from "../world.js"
import { spied } from "../wrapped.js"

/** Nothing more comes of a stream, although the worker has had its time. */
async function expectNoMore(peer: Peer, id: number): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await peer.ping()
  expect(peer.answers(id)).toEqual([])
}

export const backpressure: Suite = {
  basic(world) {
    test("[CR-1] a stream goes as far as its credit, and on when it gets more", async () => {
      const peer = await world.peer()
      const id = peer.stream("produce", { count: 10, length: 10 }, { credit: 4 })
      await peer.chunks(id, 4)
      await expectNoMore(peer, id)
      peer.send({ type: "credit", id, n: 2 })
      await peer.chunks(id, 2)
      await expectNoMore(peer, id)
      peer.send({ type: "credit", id, n: 100 })
      expect(await peer.chunks(id)).toHaveLength(5)
    })

    test("[CR-1] a stream starts with a credit of 1,024 when the call says nothing", async () => {
      const peer = await world.peer()
      const id = peer.stream("produce", { count: 1100, length: 1 })
      await peer.chunks(id, 1024)
      await expectNoMore(peer, id)
      peer.send({ type: "credit", id, n: 77 })
      expect(await peer.chunks(id)).toHaveLength(77)
    })

    test("[CR-1] [CR-2] a chunk costs by its size, and may overdraw the credit once", async () => {
      const peer = await world.peer()
      const id = peer.stream("produce", { count: 5, length: 12_500 }, { credit: 6 })
      const chunks = await peer.chunks(id, 2)
      expect(chunks.map(({ size = 0 }) => creditCost(size))).toEqual([4, 4])
      await expectNoMore(peer, id)
      peer.send({ type: "credit", id, n: 2 })
      await expectNoMore(peer, id)
      peer.send({ type: "credit", id, n: 1 })
      await peer.chunks(id, 1)
      await expectNoMore(peer, id)
      peer.send({ type: "credit", id, n: 100 })
      expect(await peer.chunks(id)).toHaveLength(3)
    })

    test("[CR-2] a final chunk needs credit only for a value of the tool's own", async () => {
      const peer = await world.peer()
      const plain = peer.stream("count", { to: 3 }, { credit: 3 })
      expect(await peer.chunks(plain)).toHaveLength(4)
      const valued = peer.stream("count_and_return", { to: 3 }, { credit: 3 })
      await peer.chunks(valued, 3)
      await expectNoMore(peer, valued)
      peer.send({ type: "credit", id: valued, n: 1 })
      expect(await peer.chunks(valued)).toMatchObject([{ final: true, value: { total: 3 } }])
    })
  },

  full(world) {
    test("[CR-1] attachments count", async () => {
      const peer = await world.peer()
      const id = peer.stream("produce_bytes", { count: 5, length: 12_500 }, { credit: 6 })
      const chunks = await peer.chunks(id, 2)
      expect(chunks.map(({ size = 0 }) => creditCost(size))).toEqual([4, 4])
      await expectNoMore(peer, id)
    })

    test("[CR-3] the host grants credit for what was consumed, by halves", async () => {
      const { transport, sent, received } = spied(world.transport)
      const pit = await world.start({ transports: [transport] })
      const grants = (): number[] => sent.flatMap((frame) => (frame.type === "credit" ? [frame.n] : []))
      const stream = pit.stream("count", { to: 50 }, { credit: 8 })
      await stream.next()
      // The whole credit has arrived, one chunk of it was consumed.
      while (chunksOf(received).length < 8) await new Promise(setImmediate)
      expect(grants()).toEqual([])
      for (let taken = 1; taken < 3; taken += 1) await stream.next()
      expect(grants()).toEqual([])
      await stream.next()
      expect(grants()).toEqual([4])
      for (let taken = 4; taken < 8; taken += 1) await stream.next()
      expect(grants()).toEqual([4, 4])
      await stream.return?.()
    })

    test("[CR-3] what waits for a slow consumer never exceeds the credit, but for one chunk", async () => {
      const { transport, received } = spied(world.transport)
      const pit = await world.start({ transports: [transport] })
      let consumed = 0
      const costs = (): number => chunksOf(received).reduce((sum, { size = 0 }) => sum + creditCost(size), 0)
      for await (const chunk of pit.stream("produce_bytes", { count: 30, length: 64_000 }, { credit: 32 })) {
        if (!chunk.isFinal) consumed += 16
        await new Promise(setImmediate)
        // Sixteen units a chunk, and one for the final one.
        expect(costs() - consumed).toBeLessThanOrEqual(32 + 16 + 1)
      }
      expect(consumed).toBe(30 * 16)
    })

    test("[CR-4] a stream that waits for credit holds nothing else up", async () => {
      const peer = await world.peer()
      const id = peer.stream("produce", { count: 5, length: 1 }, { credit: 1 })
      await peer.chunks(id, 1)
      peer.send({ type: "cancel", id: peer.call("note", { line: "taken back" }), recall: true })
      await peer.ping()
      peer.send({ type: "cancel", id })
      expect(await peer.error(id)).toMatchObject({ code: "cancelled" })
      expect(await peer.result(peer.call("journal"))).toEqual([])
    })

    test("[CR-4] the host reads on while a stream is not consumed", async () => {
      const pit = await world.start()
      pit.tools.register("inner", async (_args, { execute, stream }) => {
        const idle = stream<number>("count", { to: 1000 }, { credit: 1 })[Symbol.asyncIterator]()
        await idle.next()
        const sum = await execute("add", { a: 1, b: 2 })
        await idle.return?.()
        return sum
      })
      expect(await pit.execute("call_host", { tool: "inner", args: {} })).toBe(3)
    })
  },
}

function chunksOf(frames: readonly Frame[]) {
  return frames.flatMap((frame) => (frame.type === "chunk" ? [frame] : []))
}
