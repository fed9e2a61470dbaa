import { describe, expect, it } from "vitest"
import { latencies, load } from "../../src/growth/load.js"

describe("load", () => {
  it("keeps as many calls open as there are callers, and counts those that were answered", async () => {
    let open = 0
    let most = 0
    let answered = 0
    const { operations, metrics } = await load(5, 20, async (value) => {
      most = Math.max(most, ++open)
      await new Promise(setImmediate)
      open--
      answered++
      return value
    })
    expect(most).toBe(5)
    expect(operations).toBe(answered)
    expect(metrics.rate).toBeGreaterThan(0)
    expect(metrics.p50).toBeGreaterThan(0)
  })

  it("numbers the calls, and refuses a wrong answer", async () => {
    const seen: number[] = []
    const work = load(3, 1000, async (value, n) => {
      seen.push(n)
      return n < 3 ? value : value + 1
    })
    await expect(work).rejects.toThrow("wrong answer")
    expect(seen.slice(0, 4)).toEqual([0, 1, 2, 3])
  })
})

describe("latencies", () => {
  it("has no 99th percentile of few calls", () => {
    expect(latencies([1, 3])).toEqual({ p50: 2 })
    expect(latencies(Array.from({ length: 101 }, (_, i) => i))).toEqual({ p50: 50, p99: 99 })
  })
})
