import { expect, test } from "vitest"
import { chopped } from "../chopped.js"
import { collect, errorOf } from "../outcomes.js"
import { allCases } from "../values/cases.js"
import { difference } from "../values/same.js"
import type { Suite } from "../world.js"

/** Small enough to be sent byte by byte. */
const names = Object.keys(allCases).filter((name) => name !== "megabyte")

export const segmentation: Suite = {
  basic(world) {
    test("[FR-4] frames are the same when each byte comes alone", async () => {
      const pit = await world.start({ transports: [chopped(world.transport, 1)] })
      expect(await pit.execute("add", { a: 1, b: 2 })).toBe(3)
      expect(await collect(pit.stream("count", { to: 3 }))).toHaveLength(4)
      expect(await errorOf(pit.execute("fail", { message: "żółć" }))).toMatchObject({
        message: "ValueError: żółć",
      })
    })
  },

  full(world) {
    test.each([1, 2, 3, 7, 64, 4096])("[FR-4] values are the same in pieces of %i bytes", async (size) => {
      const pit = await world.start({ transports: [chopped(world.transport, size)] })
      for (const name of names) {
        const { value, arrives } = allCases[name] ?? {}
        expect(await pit.execute("check_value", { name, value })).toBe("ok")
        expect(difference(arrives, await pit.execute("make_value", { name }))).toBeUndefined()
      }
    })

    test("[FR-4] many frames in one piece are many frames", async () => {
      const peer = await world.peer()
      const ids = Array.from({ length: 30 }, (_, n) => peer.call("add", { a: n, b: 1 }))
      for (const [n, id] of ids.entries()) expect(await peer.result(id)).toBe(n + 1)
    })

    test("[FR-4] a large frame may come with small ones before and behind it", async () => {
      const peer = await world.peer()
      const value = [new Uint8Array(3_000_000).fill(10), "x".repeat(3_000_000)]
      const before = peer.call("add", { a: 1, b: 2 })
      const large = peer.call("echo", { value })
      const behind = peer.call("add", { a: 3, b: 4 })
      expect(await peer.result(before)).toBe(3)
      expect(difference(value, await peer.result(large))).toBeUndefined()
      expect(await peer.result(behind)).toBe(7)
    })
  },
}
