import { afterEach, beforeEach, describe, expect, test, vi } from "vitest"
import { Alarms, grainMs } from "../../src/pool/calls/alarms.js"

describe("alarms", () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] })
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  function recording() {
    const rung: string[] = []
    return { rung, alarms: new Alarms<string>((item) => rung.push(item)) }
  }

  test("go off in the order of their times, none early and none later than a grain", () => {
    const { rung, alarms } = recording()
    const start = performance.now()
    alarms.set("late", start + 500)
    alarms.set("early", start + 50)
    alarms.set("middle", start + 200)
    vi.advanceTimersByTime(49)
    expect(rung).toEqual([])
    vi.advanceTimersByTime(1 + grainMs)
    expect(rung).toEqual(["early"])
    vi.advanceTimersByTime(150 + grainMs)
    expect(rung).toEqual(["early", "middle"])
    vi.advanceTimersByTime(300)
    expect(rung).toEqual(["early", "middle", "late"])
    expect(vi.getTimerCount()).toBe(0)
  })

  test("that were taken back stay silent, and others of the same moment do not", () => {
    const { rung, alarms } = recording()
    const at = performance.now() + 100
    alarms.set("kept", at)
    const gone = alarms.set("gone", at)
    if (gone !== undefined) alarms.delete(gone)
    vi.advanceTimersByTime(1000)
    expect(rung).toEqual(["kept"])
  })

  test("at infinity never arm a timer", () => {
    const { alarms } = recording()
    alarms.set("never", Number.POSITIVE_INFINITY)
    expect(vi.getTimerCount()).toBe(0)
  })

  test("share one timer, also when set while another one goes off", () => {
    const rung: number[] = []
    const alarms = new Alarms<number>((item, now) => {
      rung.push(item)
      if (item < 3) alarms.set(item + 1, now + 100)
    })
    alarms.set(1, performance.now() + 100)
    for (let i = 0; i < 4; i++) {
      expect(vi.getTimerCount()).toBeLessThanOrEqual(1)
      vi.advanceTimersByTime(100 + grainMs)
    }
    expect(rung).toEqual([1, 2, 3])
  })

  test("further away than a Node timer reaches still come at their time", () => {
    const { rung, alarms } = recording()
    const month = 30 * 24 * 3600 * 1000
    alarms.set("month", performance.now() + month)
    vi.advanceTimersByTime(month - 1000)
    expect(rung).toEqual([])
    vi.advanceTimersByTime(1000 + grainMs)
    expect(rung).toEqual(["month"])
  })

  test("that are closed stay silent", () => {
    const { rung, alarms } = recording()
    alarms.set("closed", performance.now() + 10)
    alarms.close()
    vi.advanceTimersByTime(1000)
    expect(rung).toEqual([])
    expect(vi.getTimerCount()).toBe(0)
  })
})
