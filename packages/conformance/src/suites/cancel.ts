import type { Snakepit } from "@snakepit/core"
import { expect, test } from "vitest"
import { errorOf, gate } from "../outcomes.js"
import type { Peer } from "../peer.js"
import type { Suite } from "../world.js"

/** Resolves when a worker of the pool has logged this. */
function logged(pit: Snakepit, message: string): Promise<void> {
  return new Promise((resolve) => {
    const remove = pit.on("snakepit.log", ({ metadata }) => {
      if (metadata.message !== message) return
      remove()
      resolve()
    })
  })
}

/** A call that runs, and waits for the test to say how it goes on. */
async function running(peer: Peer, name: string): Promise<{ readonly id: number; finish(): void }> {
  const id = peer.call("wait", { name })
  const hostCall = await peer.hostCall("gate")
  return { id, finish: () => peer.send({ type: "result", id: hostCall.id, value: name }) }
}

export const cancel: Suite = {
  basic(world) {
    test("[CN-1] [CN-2] leaving a stream stops its tool; the same worker goes on", async () => {
      await world.pit.execute("journal")
      let seen = 0
      for await (const chunk of world.pit.stream("ticks", {}, { credit: 4 })) {
        expect(chunk.data).toBe(seen)
        seen += 1
        if (seen === 10) break
      }
      expect(await world.pit.execute("journal")).toEqual(["ticks stopped"])
    })

    test("[CN-1] a stream that waits for credit is answered when it is cancelled", async () => {
      const peer = await world.peer()
      const id = peer.stream("ticks", {}, { credit: 3 })
      await peer.chunks(id, 3)
      peer.send({ type: "cancel", id, reason: "enough" })
      expect(await peer.error(id)).toMatchObject({ code: "cancelled" })
      expect(await peer.result(peer.call("journal"))).toEqual(["ticks stopped"])
    })

    test("a timeout ends a stream, too", async () => {
      await world.pit.execute("journal")
      const endless = async (): Promise<void> => {
        for await (const _ of world.pit.stream("ticks", {}, { timeout: 100 })) await new Promise(setImmediate)
      }
      expect(await errorOf(endless())).toMatchObject({ _tag: "CallTimeout", started: true })
      expect(await world.pit.execute("journal")).toEqual(["ticks stopped"])
    })

    test("[CN-5] a cancel for a call that is answered or unknown is ignored", async () => {
      const peer = await world.peer()
      const answered = peer.call("add", { a: 1, b: 1 })
      await peer.result(answered)
      for (const recall of [true, false]) {
        peer.send({ type: "cancel", id: answered, recall })
        peer.send({ type: "cancel", id: 1_000_000, recall })
      }
      expect(await peer.result(peer.call("add", { a: 2, b: 2 }))).toBe(4)
      expect(peer.unread).toEqual([])
    })
  },

  full(world) {
    test("[CN-2] an abort stops a running tool; its finally runs and the same worker goes on", async () => {
      await world.pit.execute("journal")
      const spinning = logged(world.pit, "spinning")
      const leave = new AbortController()
      const call = errorOf(world.pit.execute("spin", {}, { signal: leave.signal }))
      await spinning
      leave.abort()
      expect(await call).toMatchObject({ _tag: "CallCancelled" })
      expect(await world.pit.execute("journal")).toEqual(["spin stopped"])
    })

    test("[CN-2] a timeout stops a running tool", async () => {
      await world.pit.execute("journal")
      const call = world.pit.execute("spin", {}, { timeout: 100 })
      expect(await errorOf(call)).toMatchObject({ _tag: "CallTimeout", timeoutMs: 100, started: true })
      expect(await world.pit.execute("journal")).toEqual(["spin stopped"])
    })

    test("[CN-1] a running call is answered when it is cancelled, once", async () => {
      const peer = await world.peer()
      const id = peer.call("spin")
      await peer.logged("spinning")
      for (let times = 0; times < 3; times += 1) peer.send({ type: "cancel", id })
      expect(await peer.error(id)).toMatchObject({ code: "cancelled" })
      await peer.ping()
      expect(peer.answers(id)).toEqual([])
    })

    test("[CN-3] a call that waits is answered not_started when it is cancelled, and never starts", async () => {
      const peer = await world.peer()
      const first = await running(peer, "first")
      const waiting = peer.call("note", { line: "waiting" })
      peer.send({ type: "cancel", id: waiting })
      expect(await peer.error(waiting)).toMatchObject({ code: "not_started" })
      first.finish()
      expect(await peer.result(first.id)).toBe("first")
      expect(await peer.result(peer.call("journal"))).toEqual(["first began", "first ended"])
    })

    test("[CN-4] a recall takes back what waits, and disturbs nothing that runs", async () => {
      const peer = await world.peer()
      const first = await running(peer, "first")
      const waiting = peer.call("note", { line: "waiting" })
      for (const id of [first.id, waiting]) peer.send({ type: "cancel", id, recall: true })
      expect(await peer.error(waiting)).toMatchObject({ code: "not_started" })
      await peer.ping()
      first.finish()
      expect(await peer.result(first.id)).toBe("first")
    })

    test("[CN-6] a worker whose tool refuses to stop is killed after the grace, and replaced", async () => {
      const pit = await world.start({ pool: { size: 1, cancelGrace: 100 } })
      const terminated = gate()
      pit.on("snakepit.worker.terminated", ({ metadata }) => {
        expect(metadata).toMatchObject({ workerId: "default-1", expected: false })
        terminated.open()
      })
      const refusing = logged(pit, "refusing")
      const leave = new AbortController()
      const call = errorOf(pit.execute("refuse", {}, { signal: leave.signal }))
      await refusing
      leave.abort()
      expect(await call).toMatchObject({ _tag: "CallCancelled" })
      const behind = pit.execute("add", { a: 1, b: 2 })
      await terminated.passed
      expect(await behind).toBe(3)
      expect(pit.workers()).toMatchObject([{ id: "default-2", transport: world.transport.name }])
    })

    test("[NE-4] a cancelled call takes its call to the host with it", async () => {
      const peer = await world.peer()
      const id = peer.call("wait", { name: "a" })
      const hostCall = await peer.hostCall("gate")
      peer.send({ type: "cancel", id })
      expect(await peer.error(id)).toMatchObject({ code: "cancelled" })
      await peer.next((frame): frame is typeof frame => frame.type === "cancel" && frame.id === hostCall.id)
      expect(await peer.result(peer.call("journal"))).toEqual(["a began", "a ended"])
      // Its late answer reaches nobody.
      peer.send({ type: "result", id: hostCall.id, value: "late" })
      expect(await peer.result(peer.call("add", { a: 1, b: 2 }))).toBe(3)
    })
  },
}
