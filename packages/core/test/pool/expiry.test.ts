import { afterEach, beforeEach, describe, expect, test, vi } from "vitest"
import { CallTimeout, QueueTimeout } from "../../src/index.js"
import { onQuickMachine, Stage } from "./fakes.js"

const died = { code: null, signal: "SIGSEGV" } as const

/** The host was blocked: time has passed, and no timer has fired yet. */
function block(ms: number): void {
  const now = performance.now() + ms
  vi.spyOn(performance, "now").mockImplementation(() => now)
}

describe("L7 a call whose time is over is never sent", () => {
  onQuickMachine()
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] })
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  test("from the queue: to whoever asked for that long a wait, and to whoever asked for that long a call", () => {
    const stage = new Stage({ maxInFlight: 1 })
    const worker = stage.puppet()
    stage.call("runs")
    stage.call("impatient", { queueTimeoutMs: 100 })
    stage.call("short", { timeoutMs: 100 })
    stage.call("patient", { timeoutMs: 1000, queueTimeoutMs: 1000 })
    block(150)
    worker.answer("runs")
    expect(worker.calls).toEqual(["runs", "patient"])
    expect(stage.outcomes.get("impatient")).toBeInstanceOf(QueueTimeout)
    expect(stage.outcomes.get("short")).toMatchObject({ _tag: "CallTimeout", started: false })
    expect(stage.pool.stats()).toMatchObject({ queued: 0, queueTimeouts: 1, errors: 2 })
  })

  test("from the line of a strict session", () => {
    const stage = new Stage({ maxInFlight: 1 })
    const worker = stage.puppet()
    stage.callIn("s", "runs", "strict_queue")
    stage.callIn("s", "impatient", "strict_queue", { queueTimeoutMs: 100 })
    stage.callIn("s", "short", "strict_queue", { timeoutMs: 100 })
    stage.callIn("s", "patient", "strict_queue")
    block(150)
    worker.answer("runs")
    expect(worker.calls).toEqual(["runs", "patient"])
    expect(stage.outcomes.get("impatient")).toBeInstanceOf(QueueTimeout)
    expect(stage.outcomes.get("short")).toBeInstanceOf(CallTimeout)
  })

  test("nor is that a turn that those of a lower priority were passed over for", () => {
    const stage = new Stage({ maxInFlight: 1 })
    const worker = stage.puppet()
    stage.callIn("s", "runs", "strict_queue")
    stage.callIn("s", "held low", "strict_queue", { priority: "low" })
    stage.call("queued low", { priority: "low" })
    for (let n = 0; n < 8; n += 1) stage.call(`late ${n}`, { priority: "high", timeoutMs: 100 })
    stage.call("high", { priority: "high" })
    block(150)
    worker.answer("runs")
    expect(worker.calls).toEqual(["runs", "high"])
  })

  test("when it comes back from a worker that has died, or gives it back", async () => {
    const stage = new Stage({ maxInFlight: 3 })
    const [broken, full] = [stage.puppet(), stage.puppet()]
    stage.callAll("1", "2", "3", "4")
    stage.call("behind 1", { timeoutMs: 100 })
    stage.call("behind 2", { timeoutMs: 100 })
    expect([broken.calls.at(-1), full.calls.at(-1)]).toEqual(["behind 1", "behind 2"])
    block(150)
    broken.die(died)
    await broken.worker.stopped
    full.refuse("behind 2", "not_started")
    for (const tool of full.calls) if (!tool.startsWith("behind")) full.answer(tool)
    for (const tool of ["behind 1", "behind 2"])
      expect(stage.outcomes.get(tool)).toMatchObject({ _tag: "CallTimeout", started: false })
    expect(full.calls.includes("behind 1")).toBe(false)
    expect(full.calls.filter((tool) => tool === "behind 2")).toHaveLength(1)
  })

  test("nor does it wait any longer when it comes back, be there a worker or not", async () => {
    const stage = new Stage()
    const requeued: string[] = []
    stage.emitter.on("snakepit.call.requeued", ({ metadata }) => requeued.push(metadata.tool))
    const broken = stage.puppet()
    stage.call("runs")
    stage.call("behind 1", { queueTimeoutMs: 100 })
    stage.call("behind 2")
    block(150)
    broken.die(died)
    await broken.worker.stopped
    expect(stage.outcomes.get("behind 1")).toBeInstanceOf(QueueTimeout)
    expect(requeued).toEqual(["behind 2"])
    expect(stage.pool.stats().queued).toBe(1)
  })

  test("when a session was rebuilt too late, or its id became free too late", async () => {
    const stage = new Stage({ maxInFlight: 1 })
    stage.rebuilds = true
    const [home, next] = [stage.puppet(), stage.puppet()]
    stage.callIn("s", "1", "strict_queue")
    home.die(died)
    await home.worker.stopped
    stage.callIn("s", "late", "strict_queue", { queueTimeoutMs: 100 })
    stage.callIn("t", "2", "hint")
    next.answer("2")
    stage.endSession("t")
    stage.callIn("t", "late, too", "hint", { queueTimeoutMs: 100 })
    block(150)
    next.answer("snakepit.end_session")
    stage.pool.rebindSession("s")
    expect(next.calls).toEqual(["2", "snakepit.end_session"])
    for (const tool of ["late", "late, too"]) expect(stage.outcomes.get(tool)).toBeInstanceOf(QueueTimeout)
    expect(stage.pool.stats().queued).toBe(0)
  })

  test("nor from a callback of a call whose own time is over", () => {
    const stage = new Stage()
    const worker = stage.puppet()
    stage.call("outer", { timeoutMs: 100 })
    worker.callBack("outer")
    block(150)
    expect(() => stage.call("nested", {}, stage.callbacks[0])).toThrow(CallTimeout)
    expect(worker.calls).toEqual(["outer"])
    expect(stage.pool.stats().requests).toBe(1)
  })

  test("nor a call that was given no time at all", () => {
    const stage = new Stage()
    const worker = stage.puppet()
    expect(() => stage.call("no time", { timeoutMs: 0 })).toThrow(CallTimeout)
    stage.call("no time to wait", { queueTimeoutMs: 0 })
    expect(worker.calls).toEqual(["no time to wait"])
  })
})
