import { afterEach, beforeEach, describe, expect, test, vi } from "vitest"
import { InvalidConfig, PoolClosed, SessionQuotaExceeded } from "../../src/index.js"
import { SessionTable } from "../../src/session/session-table.js"
import { Stage } from "../pool/fakes.js"

const hour = 3_600_000

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["performance", "Date", "setInterval", "clearInterval"] })
})
afterEach(() => {
  vi.useRealTimers()
})

function tableOf(options: { readonly max?: number; readonly ttlMs?: number } = {}) {
  const ended: string[] = []
  const table = new SessionTable({
    ttlMs: options.ttlMs ?? hour,
    cleanupIntervalMs: 60_000,
    max: options.max ?? 100,
    onCreated: () => {},
    onEnded: ({ id }, reason) => ended.push(`${id} ${reason}`),
  })
  return { table, ended }
}

describe("a session", () => {
  test("is made by its first use, and lives on by each", () => {
    const { table } = tableOf()
    expect(table.get("s")).toBeUndefined()
    table.use("s", { affinity: "strict_queue" })
    for (let use = 0; use < 5; use += 1) {
      vi.advanceTimersByTime(hour - 1)
      expect(table.use("s")).toMatchObject({ id: "s", affinity: "strict_queue", ttlMs: hour })
    }
    expect(table.stats()).toEqual({ sessions: 1, max: 100, created: 1, closed: 0, expired: 0 })
  })

  test("expires when nobody has used it; looking at it is no use", () => {
    const { table, ended } = tableOf()
    table.use("s")
    table.use("longer", { ttlMs: 2 * hour })
    vi.advanceTimersByTime(hour - 1)
    expect(table.get("s")).toBeDefined()
    vi.advanceTimersByTime(60_000)
    expect(ended).toEqual(["s expired"])
    expect(table.list()).toEqual(["longer"])
  })

  test("is not there from the moment it has expired, before any cleanup", () => {
    const { table, ended } = tableOf({ ttlMs: 10 })
    const first = table.use("s")
    vi.advanceTimersByTime(10)
    expect(table.list()).toEqual([])
    expect(table.use("s")).not.toBe(first)
    expect(ended).toEqual(["s expired"])
  })

  test("does not expire at work, and has its whole time after it", () => {
    const { table, ended } = tableOf()
    const entry = table.use("s")
    const place = entry.calls.push(new Stage().call("long"))
    vi.advanceTimersByTime(10 * hour)
    expect([table.get("s"), table.list(), table.stats().sessions]).toEqual([entry, ["s"], 1])
    place.leave()
    entry.usedAt = performance.now()
    vi.advanceTimersByTime(hour - 60_000)
    expect(ended).toEqual([])
    vi.advanceTimersByTime(120_000)
    expect(ended).toEqual(["s expired"])
  })

  test("is ended once", () => {
    const { table, ended } = tableOf()
    table.use("s")
    expect([table.end("s"), table.end("s"), table.end("never was")]).toEqual([true, false, false])
    expect(ended).toEqual(["s closed"])
  })
})

test("a session keeps the affinity that it was made with", () => {
  const { table } = tableOf()
  table.use("s")
  expect(() => table.use("s", { affinity: "strict_queue" })).toThrow(InvalidConfig)
  table.use("t", { affinity: "strict_queue" })
  expect(table.use("t", { affinity: "strict_queue" })).toBe(table.use("t"))
})

test("nothing is made when all is closed", () => {
  const { table } = tableOf()
  table.use("s")
  table.close()
  expect(() => table.use("t")).toThrow(PoolClosed)
  expect(vi.getTimerCount()).toBe(0)
})

test("one more than there may be is refused, until one has ended or expired", () => {
  const { table } = tableOf({ max: 2 })
  table.use("a")
  table.use("b", { ttlMs: 10 })
  expect(() => table.use("c")).toThrow(SessionQuotaExceeded)
  expect(table.use("a").id).toBe("a")
  vi.advanceTimersByTime(10)
  expect(table.use("c").id).toBe("c")
  table.end("a")
  expect(table.use("d").id).toBe("d")
})

test("no timer runs while there is no session", () => {
  const { table } = tableOf()
  expect(vi.getTimerCount()).toBe(0)
  table.use("s")
  expect(vi.getTimerCount()).toBe(1)
  table.end("s")
  expect(vi.getTimerCount()).toBe(0)
})
