import { once } from "node:events"
import { describe, expect, test } from "vitest"
import { rest, start } from "./helpers.js"

describe("a worker inside this process", () => {
  test("speaks over a pair of streams, and has ended when it closes its own", async () => {
    const offers: (readonly string[])[] = []
    const { worker } = await start({
      kind: "in-process",
      start(channel, offer) {
        offers.push(offer)
        channel.once("data", (chunk) => channel.end(`got ${chunk}`))
      },
    })
    expect(worker.pid).toBeNull()
    worker.channel.write("hello")
    expect(await rest(worker.channel)).toBe("got hello")
    expect(await worker.exited).toEqual({ code: 0, signal: null })
    expect(worker.exitInfo).toEqual({ code: 0, signal: null })
    expect(offers).toEqual([["json"]])
  })

  test.each(["kill", "terminate"] as const)(
    "is cut off by %s; what it wrote can still be read",
    async (how) => {
      const { worker } = await start({
        kind: "in-process",
        start: (channel) => void channel.write("last words"),
      })
      void worker[how](60_000)
      expect(await worker.exited).toEqual({ code: 0, signal: null })
      expect(await rest(worker.channel)).toBe("last words")
      await worker.drained
    },
  )

  test("sees the end when the host closes the channel", async () => {
    const seen: Promise<unknown>[] = []
    const { worker } = await start({
      kind: "in-process",
      start: (channel) => void seen.push(once(channel.resume(), "end")),
    })
    worker.channel.destroy()
    expect(await Promise.all(seen)).toEqual([[]])
    await worker.exited
  })

  test("that fails says so in its tail", async () => {
    const { worker } = await start({
      kind: "in-process",
      start: (channel) => void channel.destroy(new RangeError("out of tools")),
    })
    expect(await worker.exited).toEqual({ code: 1, signal: null })
    expect(worker.stderrTail()).toContain("RangeError: out of tools")
  })
})
