import { getEventListeners } from "node:events"
import { expect, test, vi } from "vitest"
import { CallCancelled, PoolSaturated } from "../../src/index.js"
import { onQuickMachine, type PuppetWorker, Stage } from "./fakes.js"

onQuickMachine()

const thousand = Array.from({ length: 1000 }, (_, n) => `${n}`)

test.each(["high", "normal", "low"] as const)(
  "L1 a call beyond maxQueue is refused at once with PoolSaturated, whatever its priority (%s)",
  (priority) => {
    const stage = new Stage({ maxQueue: 1000, maxInFlight: 1 })
    const worker = stage.puppet()
    stage.call("runs")
    for (const tool of thousand) stage.call(tool, { priority })
    const control = new AbortController()
    const { signal } = control
    expect(() => stage.call("one too many", { priority: "high", signal })).toThrow(PoolSaturated)
    expect(() => stage.callIn("s", "one too many, too", "strict_queue", { signal })).toThrow(PoolSaturated)
    expect(stage.pool.stats()).toMatchObject({ queued: 1000, requests: 1001, poolSaturated: 2 })
    worker.answer("runs")
    stage.call("now there is room")
    // Who was refused hears nothing more.
    control.abort()
    expect([...stage.outcomes.keys()]).toEqual(["runs"])
  },
)

/** Nothing is left of any call, and the pool serves as ever. */
async function expectClean(
  stage: Stage,
  workers: readonly PuppetWorker[],
  signals: readonly AbortSignal[],
): Promise<void> {
  expect(stage.pool.stats()).toMatchObject({ queued: 0, available: workers.length, busy: 0 })
  // All calls share one listener.
  for (const signal of signals) expect(getEventListeners(signal, "abort").length).toBeLessThanOrEqual(1)
  for (const { worker } of workers) {
    expect([worker.state, worker.load, worker.waiting]).toEqual(["ready", 0, 0])
    expect(worker.connection.unanswered()).toEqual([])
  }
  stage.call("afterwards")
  const served = workers.filter(({ calls }) => calls.at(-1) === "afterwards")
  expect(served).toHaveLength(1)
  served[0]?.answer("afterwards")
  await stage.pool.drain()
}

test("L9 a thousand callers that cancel at once leave no slot, no call and no listener behind", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] })
  const stage = new Stage({ maxInFlight: 8 })
  const workers = [stage.puppet(), stage.puppet({ concurrency: 4 }), stage.puppet()]
  const common = new AbortController()
  const own = thousand.map(() => new AbortController())
  for (const [n, tool] of thousand.entries()) {
    const priority = (["high", "normal", "low"] as const)[n % 3]
    const signal = n % 2 === 0 ? common.signal : own[n]?.signal
    const limits = { timeoutMs: 60_000, queueTimeoutMs: 60_000 }
    if (n % 5 === 0) stage.callIn(`s${n % 10}`, tool, "strict_queue", { signal, priority, ...limits })
    else stage.call(tool, { signal, priority, ...limits })
  }
  expect(stage.pool.stats().queued).toBeGreaterThan(900)
  common.abort()
  for (const control of own) control.abort()
  expect(stage.outcomes.size).toBe(1000)
  for (const outcome of stage.outcomes.values()) expect(outcome).toBeInstanceOf(CallCancelled)
  // Whoever had a call sent says what became of it: some had ended, others never began.
  for (const worker of workers) {
    for (const { request } of worker.worker.connection.unanswered()) {
      if (worker.idOf(request.tool) % 2 === 0) worker.refuse(request.tool, "not_started")
      else worker.refuse(request.tool, "cancelled")
    }
  }
  // Nobody is taken for one that does not stop.
  vi.advanceTimersByTime(100_000)
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
  await expectClean(stage, workers, [common.signal, ...own.map(({ signal }) => signal)])
})
