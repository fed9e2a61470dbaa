import { expect, test } from "vitest"
import { collect, errorOf } from "../outcomes.js"
import type { Suite } from "../world.js"
import { altered } from "../wrapped.js"

export const stream: Suite = {
  basic(world) {
    test("[ST-1] chunks are numbered from 0, without gaps", async () => {
      const peer = await world.peer()
      const chunks = await peer.chunks(peer.stream("count", { to: 20 }))
      expect(chunks.map(({ seq }) => seq)).toEqual(Array.from({ length: 21 }, (_, seq) => seq))
      expect(chunks.slice(0, -1).map(({ value }) => value)).toEqual(chunks.slice(0, -1).map(({ seq }) => seq))
    })

    test("[CA-1] [ST-2] a stream ends with one synthetic final chunk, when its tool just ends", async () => {
      const peer = await world.peer()
      for (const to of [3, 0]) {
        const id = peer.stream("count", { to })
        const chunks = await peer.chunks(id)
        expect(chunks.map((chunk) => chunk.final === true)).toEqual([...Array(to).fill(false), true])
        expect(chunks.at(-1)).toMatchObject({ value: null, meta: { synthetic_final: "true" } })
        await peer.ping()
        expect(peer.answers(id)).toEqual([])
      }
    })

    test("[ST-2] what the tool returns is the data of the synthetic final chunk", async () => {
      const chunks = await collect(world.pit.stream("count_and_return", { to: 2 }))
      expect(chunks).toMatchObject([
        { isFinal: false, data: 0 },
        { isFinal: false, data: 1 },
        { isFinal: true, data: { total: 2 }, metadata: { synthetic_final: "true" } },
      ])
    })

    test("[ST-2] a tool may mark its final chunk itself, and add metadata to each", async () => {
      const chunks = await collect(world.pit.stream("mark", { to: 3 }))
      expect(chunks.map(({ data, isFinal }) => [data, isFinal])).toEqual([
        [0, false],
        [1, false],
        [2, true],
      ])
      expect(chunks.map(({ metadata }) => metadata.n)).toEqual(["0", "1", "2"])
      expect(chunks[2]?.metadata).not.toHaveProperty("synthetic_final")
    })

    test("[ST-3] a tool that does not stream gives one final chunk with its result", async () => {
      expect(await collect(world.pit.stream("add", { a: 1, b: 2 }))).toMatchObject([
        { isFinal: true, data: 3 },
      ])
    })

    test("[ST-4] the final chunk tells how long it took, what the tool is, and who ran it", async () => {
      for (const name of ["count", "mark"]) {
        const metadata = (await collect(world.pit.stream(name, { to: 1 }))).at(-1)?.metadata
        expect(metadata).toMatchObject({ worker_id: "default-1", tool_type: expect.stringMatching(/./) })
        expect(Number(metadata?.execution_time_ms)).toBeGreaterThanOrEqual(0)
      }
    })

    test("[ST-5] an error may end a stream; the chunks before it are delivered", async () => {
      const data: unknown[] = []
      const reading = (async () => {
        for await (const chunk of world.pit.stream("fail_after", { count: 3 })) data.push(chunk.data)
      })()
      await expect(reading).rejects.toMatchObject({ _tag: "ToolError", type: "ValueError" })
      expect(data).toEqual([0, 1, 2])
      expect(await world.pit.execute("add", { a: 1, b: 1 })).toBe(2)
    })

    test("a callback gets every chunk, one at a time", async () => {
      const data: unknown[] = []
      let busy = false
      await world.pit.executeStream("count", { to: 100 }, async (chunk) => {
        expect(busy).toBe(false)
        busy = true
        await new Promise(setImmediate)
        data.push(chunk.data)
        busy = false
      })
      expect(data).toEqual([...Array.from({ length: 100 }, (_, n) => n), null])
    })
  },

  full(world) {
    test("[ST-1] the host ends the connection at a gap", async () => {
      const gap = altered(world.transport, (frame) =>
        frame.type === "chunk" && frame.seq === 2 ? [] : [frame],
      )
      const pit = await world.start({ transports: [gap] })
      const data: unknown[] = []
      const reading = pit.executeStream("count", { to: 5 }, (chunk) => data.push(chunk.data))
      expect(await errorOf(reading)).toMatchObject({
        _tag: "WorkerCrashed",
        message: expect.stringContaining("protocol"),
      })
      expect(data).toEqual([0, 1])
      expect(await pit.execute("add", { a: 1, b: 2 })).toBe(3)
      expect(pit.workers()).toMatchObject([{ id: "default-2" }])
    })

    test("[ST-4] the worker itself says how long it took", async () => {
      const peer = await world.peer()
      for (const name of ["count", "mark"]) {
        const final = (await peer.chunks(peer.stream(name, { to: 1 }))).at(-1)
        expect(final?.meta?.execution_time_ms).toMatch(/^\d+(\.\d+)?$/)
      }
    })

    test("ten thousand chunks arrive in order", async () => {
      let next = 0
      for await (const { data, isFinal } of world.pit.stream("count", { to: 10_000 })) {
        if (!isFinal) expect(data).toBe(next++)
      }
      expect(next).toBe(10_000)
    })

    test("a stream may call the host for each chunk", async () => {
      const pit = await world.start()
      pit.tools.register("square", ({ n }) => Number(n) ** 2)
      const chunks = await collect(pit.stream("host_chunks", { tool: "square", count: 4 }))
      expect(chunks.map(({ data }) => data)).toEqual([0, 1, 4, 9, null])
    })
  },
}
