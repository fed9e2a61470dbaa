import { describe, expect, test } from "vitest"
import { hostClock } from "../../src/process/host-lag.js"
import { Heartbeats } from "../../src/worker/heartbeat.js"
import { heartbeatEnvironment } from "../../src/worker/heartbeat-policy.js"
import { FakeHost, FakeWorker, ward } from "./heartbeat-fakes.js"

describe("a worker that answers", () => {
  test("is asked once an interval, and nothing is said about it", async () => {
    const { host, worker, misses } = ward()
    await host.pass(10_000)
    expect(worker.pinged.length).toBe(100)
    expect(misses).toEqual([])
    expect(worker.killed).toEqual([])
  })

  test("after misses is as well as any other", async () => {
    const { host, worker, misses } = ward()
    worker.well = false
    await host.pass(1000)
    expect(misses.map(({ missed }) => missed)).toEqual([1, 2])
    worker.recover()
    await host.pass(1000)
    worker.well = false
    await host.pass(1000)
    expect(misses.map(({ missed }) => missed)).toEqual([1, 2, 1, 2])
    expect(worker.killed).toEqual([])
  })

  test("shares a timer with a thousand others, whose pings are spread over the interval", async () => {
    const host = new FakeHost()
    const beats = new Heartbeats<FakeWorker>(
      { intervalMs: 2000, timeoutMs: 10_000, maxMissed: 3, dependent: true },
      () => {},
      host,
    )
    const workers = Array.from({ length: 1000 }, () => new FakeWorker(host))
    for (const worker of workers) beats.watch(worker)
    expect(host.timers).toBe(1)
    await host.pass(2000)
    const at = new Map<number, number>()
    for (const { pinged } of workers) for (const time of pinged) at.set(time, (at.get(time) ?? 0) + 1)
    expect(workers.every(({ pinged }) => pinged.length === 1)).toBe(true)
    expect(Math.max(...at.values())).toBeLessThan(120)
    beats.close()
    expect(host.timers).toBe(0)
  })
})

test("a worker's memory is looked at with each ping, and what was seen last is kept", async () => {
  const { host, worker, memory } = ward()
  memory.bytes = 5000
  await host.pass(100)
  expect(worker.memory).toBe(5000)
  memory.bytes = undefined
  await host.pass(100)
  expect(worker.memory).toBe(5000)
})

describe("a worker that is silent", () => {
  test("and idle is killed at the third miss, once, and not asked again", async () => {
    const { host, worker, misses } = ward()
    worker.well = false
    await host.pass(100 + 3 * 400)
    expect(misses).toEqual([
      { missed: 1, action: "none", reason: "did not answer 1 heartbeat" },
      { missed: 2, action: "none", reason: "did not answer 2 heartbeats" },
      { missed: 3, action: "killed", reason: "did not answer 3 heartbeats" },
    ])
    expect(worker.killed).toEqual(["did not answer 3 heartbeats"])
    await host.pass(10_000)
    expect(misses.length).toBe(3)
    expect(host.timers).toBe(0)
  })

  test("has at most one ping on its way, however long that lasts", async () => {
    const { host, worker, misses } = ward({ dependent: false })
    worker.well = false
    await host.pass(40_000)
    expect(misses.length).toBeGreaterThan(90)
    expect(worker.unanswered).toBe(1)
    expect(worker.killed).toEqual([])
    worker.recover()
    await host.pass(1000)
    expect(worker.pinged.length).toBeGreaterThan(9)
  })

  test("P2 and stopped is killed at the first miss, also when it runs a call", async () => {
    for (const load of [0, 1]) {
      const { host, worker, states } = ward()
      worker.well = false
      worker.load = load
      states.set(4711, "T")
      await host.pass(510)
      expect(worker.killed).toEqual(["did not answer 1 heartbeat: its process is stopped"])
    }
  })

  test("P23 because of its call outlives it, also when the answer comes before the pong", async () => {
    const { host, worker, misses } = ward()
    await host.pass(1000)
    worker.load = 1
    worker.well = false
    await host.pass(3 * 3 * 400)
    expect(misses.length).toBeGreaterThan(7)
    expect(misses.at(-1)).toMatchObject({ action: "none", reason: expect.stringContaining("it runs a call") })
    const before = misses.length
    worker.load = 0
    worker.requests += 1
    await host.pass(400)
    expect(misses.length).toBe(before)
    worker.recover()
    await host.pass(2000)
    expect(worker.killed).toEqual([])
  })

  test("lives inside the host: it is reported, and nobody asks for its process", async () => {
    const { host, worker, misses, states } = ward()
    states.clear()
    worker.pid = null
    worker.well = false
    await host.pass(5000)
    expect(misses.length).toBeGreaterThan(3)
    expect(worker.killed).toEqual([])
  })

  test.each([
    [
      "drains",
      (worker: FakeWorker) => {
        worker.live = false
      },
    ],
    ["was unwatched", (worker: FakeWorker, beats: Heartbeats<FakeWorker>) => beats.unwatch(worker)],
    ["belongs to a pool that closed", (_: FakeWorker, beats: Heartbeats<FakeWorker>) => beats.close()],
  ])("is nobody's business when it %s", async (_, leave) => {
    const { host, worker, beats, misses } = ward()
    worker.well = false
    await host.pass(200)
    leave(worker, beats)
    await host.pass(5000)
    expect(worker.pinged.length).toBe(1)
    expect(misses).toEqual([])
    expect(host.timers).toBe(0)
  })
})

describe("a host that was blocked", () => {
  test("H7 blames nobody for what it could not hear", async () => {
    const { host, worker, misses } = ward()
    for (let i = 0; i < 20; i += 1) {
      worker.well = false
      await host.pass(200)
      host.block(5000)
      host.input.push(() => worker.recover())
      await host.pass(100)
    }
    expect(misses).toEqual([])
    expect(worker.killed).toEqual([])
  })

  test("H7 does not ask in bursts afterwards", async () => {
    const { host, worker } = ward()
    await host.pass(1000)
    const before = worker.pinged.length
    host.block(60_000)
    await host.pass(1000)
    expect(worker.pinged.length - before).toBeLessThanOrEqual(11)
  })

  test("H7 reads what has arrived before it judges", async () => {
    const { host, worker, misses } = ward({ maxMissed: 1 })
    worker.well = false
    await host.pass(110)
    expect(worker.unanswered).toBe(1)
    // The pong is there in the very turn in which the time is up.
    while (misses.length === 0 && worker.unanswered === 1) {
      host.input.push(() => host.now() >= (worker.pinged[0] ?? 0) + 400 && worker.recover())
      await host.pass(10)
    }
    expect(misses).toEqual([])
  })

  test("H6 asks once more, with a new ping, before it declares death", async () => {
    const { host, worker, misses } = ward()
    worker.well = false
    await host.pass(1000)
    expect(worker.pinged.length).toBe(1)
    host.block(3_600_000)
    await host.pass(400)
    expect(misses.map(({ action }) => action)).toEqual(["none", "none", "none"])
    expect(worker.pinged.length).toBe(2)
    await host.pass(500)
    expect(misses.at(-1)).toEqual({ missed: 4, action: "killed", reason: "did not answer 4 heartbeats" })
    expect(worker.killed.length).toBe(1)
  })

  test("H6 long ago gives nobody one more ping", async () => {
    const { host, worker, misses } = ward()
    await host.pass(500)
    host.block(3_600_000)
    await host.pass(1000)
    worker.well = false
    await host.pass(110 + 3 * 400)
    expect(misses.map(({ action }) => action)).toEqual(["none", "none", "killed"])
  })

  test("H6 spares the worker that answers the one more ping", async () => {
    const { host, worker, misses } = ward()
    worker.well = false
    await host.pass(1000)
    host.block(3_600_000)
    // Only what it is asked from now on gets an answer.
    worker.well = true
    await host.pass(5000)
    expect(misses.length).toBe(3)
    expect(worker.killed).toEqual([])
  })
})

test("a worker is told in its environment", () => {
  const policy = { intervalMs: 50, timeoutMs: 100, maxMissed: 3, dependent: false, ping: async () => {} }
  const { SNAKEPIT_HEARTBEAT_CONFIG: text = "" } = heartbeatEnvironment(policy)
  expect(JSON.parse(text)).toEqual({ interval_ms: 50, timeout_ms: 100, max_missed: 3, dependent: false })
})

test("the host's own clock goes on, and what is due later can be taken back", async () => {
  const before = hostClock.now()
  const rung: string[] = []
  const takeBack = hostClock.after(1, () => rung.push("taken back"))
  takeBack()
  const keptAlive = setInterval(() => {}, 1000)
  await new Promise<void>((resolve) => hostClock.after(5, () => hostClock.afterInput(resolve)))
  clearInterval(keptAlive)
  expect(rung).toEqual([])
  expect(hostClock.now()).toBeGreaterThan(before)
})
