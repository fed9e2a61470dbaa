import { setTimeout as sleep } from "node:timers/promises"
import type { Snakepit } from "@snakepit/core"
import { describe, expect, test } from "vitest"
import { type Ending, History } from "../src/history.js"
import { errorOf } from "../src/outcomes.js"
import { until } from "../src/processes.js"
import { Random } from "../src/random.js"
import { readRuns } from "../src/run-log.js"
import { scaled } from "../src/scale.js"
import { channelTransports, everyTransport, folder, pids, start } from "./support/pit.js"
import { withSeeds } from "./support/seeds.js"

/** Calls that are short enough to be sent ahead of their turn. */
const burst = 200

async function endingOf(call: Promise<unknown>): Promise<Ending> {
  return await call.then(
    (nonce): Ending => ({ kind: "value", nonce }),
    (error: unknown): Ending => ({ kind: "error", error }),
  )
}

describe.each(everyTransport)("over %s,", (over) => {
  test("P20 a kill while calls are sent ahead fails one call alone, as the tools' own log shows", async () => {
    await withSeeds(`pipeline-${over}`, async (seed) => {
      const random = new Random(seed)
      const log = await folder()
      const restart = { intensity: 1_000_000 }
      const python = { env: { SNAKEPIT_STORM_LOG: log } }
      const pit = await start("storm:Storm", { restart, queueTimeout: 30_000 }, { over, python })
      const history = new History()
      for (let round = 0; round < scaled(3, 100); round += 1) {
        const failed: string[] = []
        const { crashes } = pit.stats()
        const calls = Array.from({ length: burst }, async () => {
          const nonce = String(random.next())
          const id = history.issue(nonce)
          const ending = await endingOf(pit.execute("work", { id, nonce, ms: 0.5 }))
          history.end(id, ending)
          if (ending.kind === "error") failed.push(String(ending.error))
        })
        await sleep(random.next() * 60)
        process.kill(pids(pit)[0] ?? 0, "SIGKILL")
        await Promise.all(calls)
        await until(() => pit.stats().workers === 1)
        expect(failed.filter((message) => message.includes("while it ran")).length).toBeLessThanOrEqual(1)
        // gRPC alone may lose answers that were on their way; they are not said to have been running.
        if (over !== "grpc") expect(failed.length).toBeLessThanOrEqual(1)
        expect(pit.stats().crashes - crashes).toBe(1)
      }
      expect(history.check(readRuns(log))).toEqual([])
      expect(pit.stats().requeued).toBeGreaterThan(0)
    })
  })

  test("P20 behind a breach of the protocol no call is repeated that may have run", async () => {
    const log = await folder()
    const pit = await start("storm:Storm", {}, { over, python: { env: { SNAKEPIT_STORM_LOG: log } } })
    const history = new History()
    const call = async (tool: string, nonce: string): Promise<void> => {
      const id = history.issue(nonce)
      history.end(id, await endingOf(pit.execute(tool, { id, nonce })))
    }
    // What is sent ahead of its turn is run by a worker that does not know yet that it has been given up.
    for (let round = 0; round < 5; round += 1) {
      const calls = [...Array(8).keys()].map((n) => call("echo", `before-${n}`))
      calls.push(call("garbage", "garbage"), ...[...Array(40).keys()].map((n) => call("echo", `${n}`)))
      await Promise.all(calls)
    }
    expect(history.check(readRuns(log))).toEqual([])
  })
})

async function cancelled(pit: Snakepit, tool: string, afterMs: number): Promise<void> {
  const abort = new AbortController()
  const options = { signal: abort.signal }
  // Timers are too coarse for fractions of a millisecond.
  const end = performance.now() + afterMs
  const look = (): void => void (performance.now() < end ? setImmediate(look) : abort.abort())
  setImmediate(look)
  const call =
    tool === "chunks" ? pit.executeStream(tool, {}, () => {}, options) : pit.execute(tool, {}, options)
  expect(await errorOf(call)).toMatchObject({ _tag: "CallCancelled", tool })
}

test.each(channelTransports)(
  "P21 cancels at any moment of tools that send much: every frame can be read, the workers are the same, over %s",
  async (over) => {
    await withSeeds(`cancels-${over}`, async (seed) => {
      const random = new Random(seed)
      const pit = await start("faulty:Faulty", { size: 2, cancelGrace: "20 seconds" }, { over })
      pit.tools.register("answer", () => 42)
      const before = pids(pit)
      let left = scaled(300, 10_000)
      const caller = async (): Promise<void> => {
        for (; left > 0; left -= 1) {
          await cancelled(pit, random.pick(["chunks", "logs", "calls_back"]), random.next() * 2)
          const value = random.next()
          if (random.chance(0.1)) expect(await pit.execute("echo", { value })).toBe(value)
        }
      }
      await Promise.all(Array.from({ length: 4 }, caller))
      await until(() => pit.stats().busy === 0)
      expect(pids(pit)).toEqual(before)
      expect(pit.stats()).toMatchObject({ workers: 2, queued: 0, crashes: 0, requeued: 0 })
    })
  },
)
