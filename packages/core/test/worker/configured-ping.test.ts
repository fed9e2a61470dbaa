import { describe, expect, test } from "vitest"
import type { PingTarget } from "../../src/worker/heartbeat-policy.js"
import { ward } from "./heartbeat-fakes.js"

describe("a configured ping", () => {
  test("is asked about the worker, and can use the protocol's ping", async () => {
    const targets: PingTarget[] = []
    const { host, worker, misses } = ward({
      ping: async (target) => {
        targets.push(target)
        await Promise.all([target.ping(), target.ping()])
      },
    })
    await host.pass(1000)
    expect(targets[0]).toMatchObject({ workerId: "default-1", pool: "default", pid: 4711 })
    expect(targets.length).toBe(10)
    expect(worker.pinged.length).toBe(10)
    expect(misses).toEqual([])
  })

  const refusing: readonly [string, () => Promise<unknown>][] = [
    ["rejects", () => Promise.reject(new Error("no GPU"))],
    [
      "throws",
      () => {
        throw new Error("no GPU")
      },
    ],
  ]
  test.each(refusing)("that %s is a miss without waiting, and says why", async (_, ping) => {
    const { host, worker, misses } = ward({ ping })
    await host.pass(100 + 4 * 110)
    expect(misses.map(({ missed }) => missed)).toEqual([1, 2, 3])
    expect(worker.killed).toEqual(["did not answer 3 heartbeats: no GPU"])
  })

  test("that does not settle is told that nobody waits any more, and asked anew", async () => {
    const signals: AbortSignal[] = []
    const { host, misses } = ward({
      dependent: false,
      ping: ({ signal }) => {
        signals.push(signal)
        return signals.length === 3 ? Promise.resolve() : new Promise(() => {})
      },
    })
    await host.pass(1050)
    expect(misses.map(({ missed }) => missed)).toEqual([1, 2])
    expect(signals.slice(0, 2).every(({ aborted }) => aborted)).toBe(true)
  })

  test("that settles late counts for nothing", async () => {
    let settlePrevious = (): void => {}
    const { host, misses } = ward({
      ping: () => {
        settlePrevious()
        return new Promise<void>((resolve) => {
          settlePrevious = resolve
        })
      },
    })
    await host.pass(100 + 3 * 400)
    expect(misses.map(({ missed }) => missed)).toEqual([1, 2, 3])
  })

  test("is not blamed for the silence of a worker that ran a call", async () => {
    const { host, worker } = ward({ ping: () => Promise.reject(new Error("busy")) })
    worker.load = 1
    await host.pass(2000)
    worker.load = 0
    worker.requests += 1
    await host.pass(200)
    expect(worker.killed).toEqual([])
    await host.pass(200)
    expect(worker.killed).toEqual(["did not answer 3 heartbeats: busy"])
  })

  test("that rejects is reported, though the worker answers calls", async () => {
    const { host, worker, misses } = ward({ ping: () => Promise.reject(new Error("no GPU")) })
    for (let i = 0; i < 10; i += 1) {
      worker.requests += 1
      await host.pass(100)
    }
    expect(misses.length).toBeGreaterThan(7)
    expect(new Set(misses.map(({ missed }) => missed))).toEqual(new Set([1]))
    expect(worker.killed).toEqual([])
  })
})
