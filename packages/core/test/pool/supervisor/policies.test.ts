import { describe, expect, test } from "vitest"
import { backoffDelay } from "../../../src/pool/supervisor/backoff.js"
import { judge, type PoolHealth } from "../../../src/pool/supervisor/pool-state.js"
import { limitsOf, recycleReason } from "../../../src/pool/supervisor/recycle.js"
import { RecentFailures, Restarts } from "../../../src/pool/supervisor/restarts.js"
import { maxRemembered, SessionCrashes } from "../../../src/pool/supervisor/session-crashes.js"

const restart = { intensity: 3, periodMs: 5000, minDelayMs: 100, maxDelayMs: 5000 }

/** Slots of one pool that wait as long as they may. */
function slots(count: number, random = () => 1 - Number.EPSILON): Restarts[] {
  const recent = new RecentFailures(restart)
  return Array.from({ length: count }, () => new Restarts(restart, recent, random))
}

describe("waits between attempts", () => {
  test("double up to the longest one", () => {
    const waits = [0, 1, 2, 5, 6, 60, 2000].map((attempt) => backoffDelay(restart, attempt, 1))
    expect(waits).toEqual([100, 200, 400, 3200, 5000, 5000, 5000])
  })

  test("have a random part, of which half is certain", () => {
    expect([0, 0.5, 1].map((random) => backoffDelay(restart, 6, random))).toEqual([2500, 3750, 5000])
  })
})

describe("a slot that fails", () => {
  test("P8 P9 starts again at once three times within the period, then waits ever longer: no crash loop", () => {
    const [slot] = slots(1)
    let now = 0
    const waits: number[] = []
    for (let failure = 0; failure < 12; failure += 1) {
      const wait = slot?.failed(now, "ended") ?? 0
      waits.push(Math.round(wait))
      now += wait
    }
    expect(waits).toEqual([0, 0, 0, 100, 200, 400, 800, 1600, 3200, 5000, 5000, 5000])
  })

  test("P8 P9 waits from the first start that fails, whatever the intensity", () => {
    const eager = { ...restart, intensity: 1_000_000 }
    const slot = new Restarts(eager, new RecentFailures(eager), () => 1 - Number.EPSILON)
    const waits = [0, 1, 2].map((now) => Math.round(slot.failed(now, "not started")))
    expect(waits).toEqual([100, 200, 400])
  })

  test("starts at once again when its worker has lived for the period", () => {
    const [slot] = slots(1)
    for (let failure = 0; failure < 5; failure += 1) slot?.failed(0, "ended")
    slot?.succeeded(1000)
    expect(slot?.failed(5999, "ended")).toBeCloseTo(400)
    slot?.succeeded(7000)
    expect(slot?.failed(12_000, "ended")).toBe(0)
  })

  test("does not start at once for having waited long", () => {
    const [slot] = slots(1)
    for (let failure = 0; failure < 8; failure += 1) slot?.failed(0, "ended")
    expect(slot?.failed(60_000, "ended")).toBeCloseTo(3200)
  })

  test("L6 as do its neighbours at the same time: all but three wait, not longer than once", () => {
    expect(slots(6).map((slot) => Math.round(slot?.failed(0, "ended")))).toEqual([0, 0, 0, 100, 100, 100])
  })

  test("L6 and not all equally long", () => {
    let seed = 0
    const random = (): number => (seed += 0.1)
    const waits = slots(8, random).map((slot) => slot.failed(0, "ended"))
    expect(new Set(waits.slice(3)).size).toBe(5)
  })

  test("starts at once again when its workers have relieved each other for the period", () => {
    const [slot] = slots(1)
    for (let failure = 0; failure < 5; failure += 1) slot?.failed(0, "not started")
    for (const now of [1000, 3000, 5000, 7000]) slot?.succeeded(now)
    expect(slot?.failed(7001, "ended")).toBe(0)
  })

  test("once in a while always starts at once", () => {
    const [slot] = slots(1)
    for (let failure = 0; failure < 20; failure += 1) {
      slot?.succeeded(failure * 2000)
      expect(slot?.failed(failure * 2000 + 1, "ended")).toBe(0)
    }
  })
})

describe("the state of a pool follows from its workers:", () => {
  const well: PoolHealth = { size: 4, up: 4, failing: 0, begun: true, closing: "no", lastError: undefined }
  test.each<[string, Partial<PoolHealth>, string, string]>([
    ["all up", {}, "ready", "all 4 workers are up"],
    ["on their way for the first time", { up: 1, begun: false }, "starting", "not all workers were up yet"],
    ["one is replaced at once", { up: 3 }, "ready", "1 of 4 workers is missing; replacements are starting"],
    ["all are replaced at once", { up: 0 }, "degraded", "4 of 4 workers are missing; replacements"],
    ["one cannot start", { up: 3, failing: 1 }, "degraded", "too many have ended in a short time"],
    [
      "one cannot start, and why",
      { up: 1, failing: 1, lastError: "no memory" },
      "degraded",
      "3 of 4 workers are missing; the last start failed: no memory",
    ],
    [
      "none is up, and one has to wait",
      { up: 0, failing: 1 },
      "failed",
      "4 of 4 workers are missing; too many",
    ],
    ["none could start for the first time", { up: 0, failing: 4, begun: false }, "failed", "4 of 4 workers"],
    ["it is being closed", { up: 0, failing: 4, closing: "draining" }, "draining", "it is being closed"],
    ["it was closed", { closing: "closed" }, "closed", "it was closed"],
  ])("%s", (_, difference, state, reason) => {
    expect(judge({ ...well, ...difference })).toEqual({ state, reason: expect.stringContaining(reason) })
  })
})

describe("a worker is due", () => {
  const policy = {
    ttlMs: 10_000,
    maxRequests: 100,
    maxMemoryBytes: 5000,
    jitter: 0.1,
    checkIntervalMs: 1,
  }
  const limits = limitsOf({ ...policy, jitter: 0 }, () => 1)
  test.each([
    ["when it is old", { uptimeMs: 10_000, requests: 0, memoryBytes: 0 }, "ttl"],
    ["when it has answered enough", { uptimeMs: 0, requests: 100, memoryBytes: 0 }, "requests"],
    ["P16 when it has grown", { uptimeMs: 1000, requests: 0, memoryBytes: 5001 }, "memory"],
    ["not for its memory when it is new", { uptimeMs: 999, requests: 0, memoryBytes: 5001 }, undefined],
    ["not before", { uptimeMs: 9999, requests: 99, memoryBytes: 5000 }, undefined],
    ["not by a memory that nobody knows", { uptimeMs: 1000, requests: 0, memoryBytes: undefined }, undefined],
  ])("%s", (_, wear, reason) => {
    expect(recycleReason(limits, wear)).toBe(reason)
  })

  test("never, without limits", () => {
    const none = { ttlMs: undefined, maxRequests: undefined, maxMemoryBytes: undefined }
    const wear = { uptimeMs: 1e12, requests: 1e12, memoryBytes: 1e12 }
    expect(recycleReason(limitsOf({ ...policy, ...none }, Math.random), wear)).toBeUndefined()
  })

  test("earlier by up to the jitter, so that workers do not go together", () => {
    expect(limitsOf(policy, () => 0)).toEqual({ ttlMs: 10_000, maxRequests: 100, maxMemoryBytes: 5000 })
    expect(limitsOf(policy, () => 1)).toEqual({ ttlMs: 9000, maxRequests: 90, maxMemoryBytes: 5000 })
    expect(limitsOf({ ...policy, maxRequests: 1, jitter: 1 }, () => 1).maxRequests).toBe(1)
  })

  test("not for its age within its first second, however soon it is to go", () => {
    expect(limitsOf({ ...policy, ttlMs: 1 }, () => 1).ttlMs).toBe(1000)
  })
})

describe("a session that crashes workers", () => {
  const allowance = { sessionCrashes: 3, periodMs: 1000 }

  test("is refused after as many as it may within the period, and that is told once", () => {
    const crashes = new SessionCrashes(allowance)
    expect([crashes.add("s", 0), crashes.add("s", 500), crashes.add("s", 999)]).toEqual([false, false, true])
    expect(crashes.add("s", 999)).toBe(false)
    expect(crashes.crashesOf("s")).toBe(3)
  })

  test("is not when they are further apart, nor for what others do", () => {
    const crashes = new SessionCrashes(allowance)
    for (let now = 0; now < 10_000; now += 500) expect(crashes.add("s", now)).toBe(false)
    for (let other = 0; other < 10; other += 1) expect(crashes.add(`s${other}`, 10_000)).toBe(false)
    expect(crashes.crashesOf("s")).toBeUndefined()
  })

  test("starts anew when it has ended, or somebody vouches for it", () => {
    const crashes = new SessionCrashes({ sessionCrashes: 1, periodMs: 1000 })
    crashes.add("s", 0)
    crashes.forget("s")
    expect(crashes.crashesOf("s")).toBeUndefined()
    expect(crashes.add("s", 1)).toBe(true)
  })

  test("is forgotten when too many others have done so since", () => {
    const crashes = new SessionCrashes({ sessionCrashes: 2, periodMs: 1000 })
    crashes.add("first", 0)
    crashes.add("second", 0)
    for (let other = 0; other < maxRemembered - 1; other += 1) crashes.add(`s${other}`, 0)
    expect(crashes.add("first", 1)).toBe(false)
    expect(crashes.add(`s${maxRemembered - 2}`, 1)).toBe(true)
  })
})
