import { describe, expect, test } from "vitest"
import { CallCancelled } from "../../src/index.js"
import { onQuickMachine, Stage } from "./fakes.js"

onQuickMachine()

const died = { code: null, signal: "SIGSEGV" } as const
const release = "snakepit.end_session"

describe("the end of a session", () => {
  test("is told to every worker that served it, one after the other, and ends its calls", async () => {
    const stage = new Stage()
    const [home, next, stranger] = [stage.puppet(), stage.puppet(), stage.puppet()]
    stage.callIn("s", "1", "strict_queue")
    home.die(died)
    await home.worker.stopped
    stage.pool.rebindSession("s")
    stage.callIn("s", "2", "strict_queue")
    stage.callIn("t", "3", "hint")
    stage.endSession("s")
    stage.endSession("t")
    expect(next.calls).toEqual(["2", release])
    expect(stranger.calls).toEqual(["3", release])
    expect(next.sent.at(-1)).toMatchObject({ tool: release, session: "s", args: {} })
    expect(stage.outcomes.get("2")).toBeInstanceOf(CallCancelled)
    expect(stage.outcomes.get("3")).toBeInstanceOf(CallCancelled)
  })

  test("keeps a new session of the same id away until the old one is released", () => {
    const stage = new Stage()
    const [a, b] = [stage.puppet(), stage.puppet()]
    stage.callIn("s", "1", "hint")
    a.answer("1")
    stage.endSession("s")
    stage.callIn("s", "2", "hint")
    expect([a.calls, b.calls]).toEqual([["1", release], ["2"]])
    stage.endSession("s")
    stage.callIn("s", "3", "hint")
    expect([a.calls.includes("3"), b.calls.includes("3")]).toEqual([false, false])
    a.answer(release)
    expect(a.calls.at(-1)).toBe("3")
  })

  test("does not hold up the pool when a call of the new session has lost its worker, too", async () => {
    const stage = new Stage()
    const [home, broken] = [stage.puppet(), stage.puppet()]
    stage.callIn("s", "old", "hint")
    stage.endSession("s")
    stage.callAll("started", "q")
    stage.callIn("s", "new", "hint")
    expect(broken.calls).toEqual(["started", "q", "new"])
    broken.die(died)
    await broken.worker.stopped
    const next = stage.puppet()
    // It has room for more, but what has lost a worker by waiting behind another call does not do so again.
    expect(next.calls).toEqual(["q"])
    next.answer("q")
    expect(next.calls).toEqual(["q", "new"])
    expect(home.calls).not.toContain("new")
  })

  test("waits for room in a worker that has all the calls it may have", () => {
    const stage = new Stage({ maxInFlight: 2 })
    const worker = stage.puppet()
    stage.callIn("s", "1", "hint")
    stage.callAll("2", "3")
    stage.endSession("s")
    expect(worker.calls).toEqual(["1", "2"])
    worker.answer("1")
    expect(worker.calls).toEqual(["1", "2", release])
    for (const tool of ["2", release, "3"]) worker.answer(tool)
    expect(worker.calls).toEqual(["1", "2", release, "3"])
  })

  test("is told again to a worker that says it is full, but not for ever", () => {
    const stage = new Stage()
    const worker = stage.puppet()
    stage.callIn("s", "1", "hint")
    worker.answer("1")
    stage.endSession("s")
    for (let n = 0; n < 5; n += 1) worker.refuse(release, "resource_exhausted")
    expect(worker.calls).toEqual(["1", release, release, release])
  })

  test("keeps nobody else waiting for its id", () => {
    const stage = new Stage({ maxInFlight: 1 })
    const worker = stage.puppet({ concurrency: 2 })
    stage.callIn("s", "1", "hint")
    worker.answer("1")
    stage.endSession("s")
    stage.callIn("s", "2", "hint")
    stage.call("3")
    expect(worker.calls).toEqual(["1", release, "3"])
    expect(stage.pool.stats().queued).toBe(1)
    worker.answer(release)
    worker.answer("3")
    expect(worker.calls).toEqual(["1", release, "3", "2"])
  })

  test("keeps nobody from a worker that is new", () => {
    const stage = new Stage({ maxInFlight: 1 })
    const worker = stage.puppet()
    stage.callIn("s", "1", "hint")
    worker.answer("1")
    stage.endSession("s")
    stage.callIn("s", "2", "hint")
    expect(stage.puppet().calls).toEqual(["2"])
  })

  test("is no reason to fail fast", () => {
    const stage = new Stage()
    const worker = stage.puppet()
    stage.callIn("s", "1", "hint")
    stage.callIn("t", "2", "strict_fail_fast")
    worker.answer("1")
    worker.answer("2")
    stage.endSession("s")
    stage.callIn("t", "3", "strict_fail_fast")
    expect(worker.calls).toEqual(["1", "2", release, "3"])
  })

  test("ten thousand ends cost a worker one call at a time", () => {
    const stage = new Stage()
    const worker = stage.puppet()
    for (let n = 0; n < 10_000; n += 1) {
      stage.callIn(`s${n}`, `${n}`, "hint")
      worker.answer(`${n}`)
    }
    expect(stage.pool.sessionsOf(worker.worker)).toBe(10_000)
    for (let n = 0; n < 10_000; n += 1) stage.endSession(`s${n}`)
    expect(worker.worker.load).toBe(1)
    expect(stage.pool.sessionsOf(worker.worker)).toBe(0)
    stage.call("meanwhile")
    worker.answer(release)
    worker.answer("meanwhile")
    expect(stage.outcomes.get("meanwhile")).toBe("meanwhile")
  })
})
