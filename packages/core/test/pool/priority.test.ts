import { describe, expect, test } from "vitest"
import { WorkerBusy } from "../../src/index.js"
import { maxPasses } from "../../src/pool/dispatch/call-queue.js"
import type { Priority } from "../../src/pool/dispatch/priority.js"
import { onQuickMachine, type PuppetWorker, Stage } from "./fakes.js"

onQuickMachine()

const died = { code: null, signal: "SIGSEGV" } as const

/** A pool whose one worker takes one call at a time, and has one. */
function busyStage(): { readonly stage: Stage; readonly worker: PuppetWorker } {
  const stage = new Stage({ maxInFlight: 1 })
  const worker = stage.puppet()
  stage.call("first")
  return { stage, worker }
}

/** The calls that a worker is sent as it answers one after the other. */
function serve(worker: PuppetWorker, calls: number): string[] {
  for (let n = 0; n < calls; n += 1) worker.answer(worker.calls.at(-1) ?? "")
  return worker.calls.slice(-calls)
}

function callAll(stage: Stage, priority: Priority, prefix: string, count: number): string[] {
  const tools = Array.from({ length: count }, (_, n) => `${prefix}${n}`)
  for (const tool of tools) stage.call(tool, { priority })
  return tools
}

describe("priorities", () => {
  test("calls of a higher one go first, and of equals the oldest; without one they are normal", () => {
    const { stage, worker } = busyStage()
    stage.call("low", { priority: "low" })
    stage.call("normal 1")
    stage.call("high 1", { priority: "high" })
    stage.call("normal 2", { priority: "normal" })
    stage.call("high 2", { priority: "high" })
    expect(serve(worker, 5)).toEqual(["high 1", "high 2", "normal 1", "normal 2", "low"])
  })

  test("a call that was passed over eight times in a row goes next", () => {
    const { stage, worker } = busyStage()
    stage.call("low", { priority: "low" })
    const highs = callAll(stage, "high", "h", maxPasses + 2)
    const expected = [...highs.slice(0, maxPasses), "low", ...highs.slice(maxPasses)]
    expect(serve(worker, expected.length)).toEqual(expected)
    expect(maxPasses).toBe(8)
  })

  test("those of every priority get their turn, in order, however many are more urgent", () => {
    const { stage, worker } = busyStage()
    const lows = callAll(stage, "low", "l", 2)
    const normals = callAll(stage, "normal", "n", 2)
    const highs = callAll(stage, "high", "h", 20)
    const [l, n] = [lows, normals]
    const expected = [...highs.slice(0, 8), l[0], n[0], ...highs.slice(8, 15), l[1], highs[15], n[1]]
    expect(serve(worker, expected.length)).toEqual(expected)
  })

  test("passes are counted anew for whoever comes later", () => {
    const { stage, worker } = busyStage()
    const early = stage.call("early", { priority: "low" })
    const highs = callAll(stage, "high", "h", 2 * maxPasses)
    serve(worker, maxPasses - 1)
    stage.pool.cancel(early, "not wanted")
    stage.call("late", { priority: "low" })
    expect(serve(worker, maxPasses + 1)).toEqual([...highs.slice(maxPasses - 1, -1), "late"])
  })

  test("calls put back keep their place within their priority", async () => {
    const stage = new Stage({ maxInFlight: 3 })
    const broken = stage.puppet()
    stage.call("started")
    stage.call("low", { priority: "low" })
    stage.call("normal 1")
    stage.call("normal 2")
    stage.call("high", { priority: "high" })
    expect(broken.calls).toEqual(["started", "low", "normal 1"])
    broken.die(died)
    await broken.worker.stopped
    const next = stage.puppet()
    const order = ["high", "normal 1", "normal 2", "low"]
    for (const tool of order) {
      expect(next.calls).toContain(tool)
      next.answer(tool)
    }
    expect(next.calls).toEqual(order)
  })

  test("what was sent ahead to a worker is not overtaken there", () => {
    const stage = new Stage()
    const worker = stage.puppet()
    stage.call("runs")
    stage.call("low", { priority: "low" })
    stage.call("high", { priority: "high" })
    expect(worker.calls).toEqual(["runs", "low", "high"])
  })

  test("nested calls have one, too", () => {
    const { stage, worker } = busyStage()
    const home = stage.puppet()
    stage.callIn("s", "binds", "strict_queue")
    worker.callBack("first")
    stage.call("waits")
    stage.callIn("s", "nested", "strict_queue", { priority: "high" }, stage.callbacks[0])
    home.answer("binds")
    expect(home.calls).toEqual(["binds", "nested"])
  })
})

describe("priorities and strict sessions", () => {
  /** The session is bound to the worker, which runs one of its calls. */
  function bound(): { readonly stage: Stage; readonly worker: PuppetWorker } {
    const stage = new Stage({ maxInFlight: 1 })
    const worker = stage.puppet()
    stage.callIn("s", "first", "strict_queue")
    return { stage, worker }
  }

  test("a session's calls and those of the queue go by their priority, then by their age", () => {
    const { stage, worker } = bound()
    stage.callIn("s", "s normal 1", "strict_queue")
    stage.call("normal 2")
    stage.callIn("s", "s low", "strict_queue", { priority: "low" })
    stage.call("high 1", { priority: "high" })
    stage.callIn("s", "s high 2", "strict_queue", { priority: "high" })
    stage.call("low")
    expect(serve(worker, 6)).toEqual(["high 1", "s high 2", "s normal 1", "normal 2", "low", "s low"])
  })

  test("neither starves the other", () => {
    const { stage, worker } = bound()
    stage.callIn("s", "s low", "strict_queue", { priority: "low" })
    const highs = callAll(stage, "high", "h", 10)
    expect(serve(worker, 10)).toEqual([...highs.slice(0, 8), "s low", highs[8]])
    const second = bound()
    second.stage.call("low", { priority: "low" })
    const strict = Array.from({ length: 10 }, (_, n) => `s${n}`)
    for (const tool of strict) second.stage.callIn("s", tool, "strict_queue", { priority: "high" })
    expect(serve(second.worker, 10)).toEqual([...strict.slice(0, 8), "low", strict[8]])
  })

  test("a call that fails instead of waiting is no turn", () => {
    const stage = new Stage({ maxInFlight: 1 })
    stage.callIn("s", "binds", "strict_fail_fast", { priority: "high" })
    stage.callIn("s", "refused", "strict_fail_fast", { priority: "high" })
    stage.call("low", { priority: "low" })
    const worker = stage.puppet()
    expect(stage.outcomes.get("refused")).toBeInstanceOf(WorkerBusy)
    const highs = callAll(stage, "high", "h", maxPasses)
    // "binds" was the first to pass over the call.
    expect(serve(worker, maxPasses)).toEqual([...highs.slice(0, maxPasses - 1), "low"])
  })
})
