import type { Snakepit, StandardSchema } from "@snakepit/core"
import type { Frame } from "@snakepit/core/transport"
import { expect, test } from "vitest"
import { gate } from "../outcomes.js"
import type { Peer } from "../peer.js"
import type { Suite } from "../world.js"
import { altered, spied } from "../wrapped.js"

const read = (pit: Snakepit, tool: string, more: object = {}): Promise<unknown> =>
  pit.execute("read_host", { tool, args: {}, ...more })

const sendChunks = (peer: Peer, id: number, count: number): void => {
  for (let seq = 0; seq < count; seq += 1) peer.send({ type: "chunk", id, seq, value: seq })
}

/** Accepts an `id` that is a number, and adds one to it. */
const idSchema: StandardSchema<unknown, { id: number }> = {
  "~standard": {
    version: 1,
    vendor: "conformance",
    validate: (value) => {
      const { id }: { readonly id?: unknown } = Object(value)
      return typeof id === "number"
        ? { value: { id: id + 1 } }
        : { issues: [{ message: "must be a number", path: ["id"] }] }
    },
  },
}

export const hostTools: Suite = {
  full(world) {
    test("[ST-2] a tool reads what a tool of the host yields, and what it returns at last", async () => {
      const pit = await world.start()
      const values = [1, null, "text", new Uint8Array([1, 2]), 2n ** 60n, [Number.NaN]]
      pit.tools.register("rows", function* () {
        yield* values
        return "end"
      })
      pit.tools.register("none", async function* () {})
      expect(await read(pit, "rows")).toEqual([...values, "end"])
      expect(await read(pit, "none")).toEqual([])
    })

    test("[ST-3] a stream of a host's tool that does not stream is its one result", async () => {
      const pit = await world.start()
      pit.tools.register("list", () => [1, 2])
      expect(await read(pit, "list")).toEqual([[1, 2]])
    })

    test("[CA-5] a host's tool that streams cannot be called otherwise", async () => {
      const pit = await world.start()
      pit.tools.register("rows", function* () {})
      const outcome = await pit.execute("try_host", { tool: "rows", args: {} })
      expect(outcome).toMatchObject({ code: "invalid_parameter" })
    })

    test("[ST-5] an error ends a stream of the host after the chunks before it", async () => {
      const pit = await world.start()
      pit.tools.register("broken", function* () {
        yield 1
        yield 2
        throw new RangeError("no more")
      })
      expect(await read(pit, "broken", { upto: 2 })).toEqual([1, 2])
      await expect(read(pit, "broken")).rejects.toThrow("no more")
    })

    test("[ST-1] a gap in a stream of the host ends the connection", async () => {
      const peer = await world.peer()
      peer.call("read_host", { tool: "rows", args: {} })
      const { id } = await peer.hostCall("rows")
      peer.send({ type: "chunk", id, seq: 1, value: "late" })
      await peer.closed
    })

    test("[CR-2] the host sends no more chunks than the worker's credit pays for", async () => {
      const { transport, sent } = spied(world.transport)
      const pit = await world.start({ transports: [transport] })
      const chunks = (): number => sent.filter(({ type }) => type === "chunk").length
      pit.tools.register("rush", function* () {
        for (let n = 0; ; n += 1) yield n
      })
      pit.tools.register("gate", async () => {
        while (chunks() < 1024) await new Promise(setImmediate)
        for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate)
        expect(chunks()).toBe(1024)
      })
      expect(await pit.execute("take_host", { tool: "rush", count: 511 })).toBeNull()
    })

    test("[CR-3] a worker grants the host credit for what its tool has consumed, by halves", async () => {
      const peer = await world.peer()
      const grants = async (id: number): Promise<Frame[]> => {
        await peer.ping()
        return peer.unread.filter((frame) => frame.type === "credit" && frame.id === id)
      }
      for (const [count, expected] of [
        [511, []],
        [512, [{ n: 512 }]],
        [1024, [{ n: 512 }, { n: 512 }]],
      ] as const) {
        const call = peer.call("take_host", { tool: "rows", count })
        const { id, stream } = await peer.hostCall("rows")
        expect(stream).toBe(true)
        sendChunks(peer, id, 1024)
        const open = await peer.hostCall("gate")
        expect(await grants(id)).toMatchObject(expected)
        peer.send({ type: "result", id: open.id, value: null })
        expect(await peer.result(call)).toBeNull()
      }
    })

    test("[NE-4] a worker cancels a stream of the host that its tool has left", async () => {
      const peer = await world.peer()
      const call = peer.call("read_host", { tool: "rows", args: {}, upto: 2 })
      const { id } = await peer.hostCall("rows")
      sendChunks(peer, id, 2)
      await peer.next((frame): frame is typeof frame => frame.type === "cancel" && frame.id === id)
      expect(await peer.result(call)).toEqual([0, 1])
    })

    test("[CN-2] a stream of the host that is left runs to its finally", async () => {
      const pit = await world.start()
      const ended = gate()
      pit.tools.register("ticks", async function* () {
        try {
          for (let n = 0; ; n += 1) yield n
        } finally {
          ended.open()
        }
      })
      expect(await read(pit, "ticks", { upto: 100 })).toHaveLength(100)
      await ended.passed
      expect(await pit.execute("add", { a: 1, b: 2 })).toBe(3)
    })

    test("[NE-2] a worker that waits for a chunk serves nested calls meanwhile", async () => {
      const pit = await world.start()
      pit.tools.register("sums", async function* () {
        for (let n = 0; n < 5; n += 1) yield await pit.execute("add", { a: n, b: 1 })
      })
      expect(await read(pit, "sums")).toEqual([1, 2, 3, 4, 5])
    })

    test("a schema makes the arguments of a host's tool, or refuses them and says which", async () => {
      const { transport, sent } = spied(world.transport)
      const pit = await world.start({ transports: [transport] })
      pit.tools.register("next", ({ id }) => id, { schema: idSchema })
      expect(await pit.execute("call_host", { tool: "next", args: { id: 1 } })).toBe(2)
      const refused = await pit.execute<object>("try_host", { tool: "next", args: { id: "x" } })
      expect(refused).toMatchObject({ code: "invalid_parameter" })
      expect(refused).toHaveProperty("message", expect.stringContaining("must be a number"))
      const details = { key: "id", reason: "must be a number" }
      expect(sent).toContainEqual(
        expect.objectContaining({ type: "error", error: expect.objectContaining({ details }) }),
      )
    })

    test("[ER-1] an error of the host arrives with its public fields", async () => {
      const pit = await world.start()
      const fields = { status: 404, body: { ids: [1, 2n ** 60n] } }
      pit.tools.register("fail", () => {
        throw Object.assign(new RangeError("not there"), fields, { socket: () => {} })
      })
      expect(await pit.execute("details_of_host", { tool: "fail" })).toEqual(fields)
    })

    test("a tool is told which tools of the host it may call", async () => {
      const pit = await world.start()
      pit.tools.register("rows", function* () {}, { description: "Rows." })
      pit.session("s").tools.register("secret", () => 1)
      const ask = { tool: "snakepit.tools.list", args: {} }
      const rows = { name: "rows", description: "Rows.", streaming: true, parameters: [], session: false }
      const secret = { name: "secret", description: "", streaming: false, parameters: [], session: true }
      expect(await pit.execute("call_host", ask)).toEqual([rows])
      expect(await pit.session("s").execute("call_host", ask)).toEqual([rows, secret])
    })

    test("a session's tool is to others as if there were none, whatever session a worker claims", async () => {
      const claims = altered(world.transport, (frame) =>
        frame.type === "call" ? [{ ...frame, session: "mine" }] : [frame],
      )
      const pit = await world.start({ transports: [claims] })
      const mine = pit.session("mine")
      mine.tools.register("secret", () => "mine")
      const ask = async (caller: Pick<Snakepit, "execute">, tool: string): Promise<string> => {
        const outcome = await caller.execute("try_host", { tool, args: {} })
        return JSON.stringify(outcome).replaceAll(tool, "…")
      }
      expect(await ask(mine, "secret")).toBe('{"value":"mine"}')
      for (const caller of [pit, pit.session("yours")]) {
        const outcome = await ask(caller, "secret")
        expect(outcome).toContain("unknown_tool")
        expect(outcome).toBe(await ask(caller, "nobody"))
      }
    })
  },
}
