import { afterEach, beforeEach, describe, expect, test, vi } from "vitest"
import type { PendingCall } from "../../../src/pool/calls/pending-call.js"
import { type PuppetWorker, Stage } from "../fakes.js"

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const died = { code: null, signal: "SIGSEGV" } as const
const retry = { attempts: 3, minDelayMs: 100, maxDelayMs: 30_000 }
const idempotent = { idempotent: true } as const
const retryable = { retryable: true } as const

async function kill(puppet: PuppetWorker): Promise<void> {
  puppet.die(died)
  await vi.advanceTimersByTimeAsync(0)
  await puppet.worker.stopped
}

describe("an idempotent call", () => {
  test("P1 is made again after a crash, on another worker, and ends once", async () => {
    const stage = new Stage({ retry })
    const retried: unknown[] = []
    stage.emitter.on("snakepit.call.retried", ({ measurements, metadata }) =>
      retried.push([measurements.attempt, metadata.workerId]),
    )
    const broken = stage.puppet()
    stage.call("work", idempotent)
    await kill(broken)
    const next = stage.puppet()
    expect([next.calls, stage.outcomes.size]).toEqual([[], 0])
    expect(stage.pool.stats()).toMatchObject({ queued: 1, retried: 1, errors: 0 })
    await vi.advanceTimersByTimeAsync(100)
    expect(next.calls).toEqual(["work"])
    next.answer("work", 42)
    expect(stage.outcomes.get("work")).toBe(42)
    expect(retried).toEqual([[2, "stage-1"]])
    expect(stage.pool.stats()).toMatchObject({ queued: 0, requests: 1, errors: 0 })
  })

  test("P1 is not when it was not said to be idempotent", async () => {
    const stage = new Stage({ retry })
    const broken = stage.puppet()
    stage.call("work")
    await kill(broken)
    expect(stage.outcomes.get("work")).toMatchObject({ _tag: "WorkerCrashed", started: true })
    expect(stage.pool.stats().retried).toBe(0)
  })

  test("fails with its last error when it was made as often as it may", async () => {
    const stage = new Stage({ retry })
    const worker = stage.puppet()
    stage.call("work", idempotent)
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      expect(worker.calls.length).toBe(attempt)
      worker.refuse("work", "tool_error", { ...retryable, message: `no ${attempt}` })
      await vi.advanceTimersByTimeAsync(1000)
    }
    expect(stage.outcomes.get("work")).toMatchObject({ _tag: "ToolError", message: "Refused: no 3" })
    expect(worker.calls.length).toBe(3)
  })

  test("is not when its caller has got a chunk already", async () => {
    const stage = new Stage({ retry })
    const worker = stage.puppet()
    stage.call("stream", { ...idempotent, request: { tool: "stream", args: {}, stream: true } })
    worker.chunk("stream", 1)
    worker.refuse("stream", "tool_error", retryable)
    expect(stage.outcomes.get("stream")).toMatchObject({ _tag: "ToolError" })
  })

  test.each<[string, (stage: Stage, call: PendingCall) => void, string]>([
    ["is cancelled", (stage, call) => stage.pool.cancel(call, "for a test"), "CallCancelled"],
    ["loses its pool", (stage) => stage.pool.abandonAll(), "PoolClosed"],
    ["meets a pool that closes", (stage) => void stage.pool.drain(), "ToolError"],
  ])("that waits to be made again and %s ends at once, and is not made", async (_, end, tag) => {
    const stage = new Stage({ retry })
    const worker = stage.puppet()
    const call = stage.call("work", idempotent)
    worker.refuse("work", "tool_error", retryable)
    end(stage, call)
    expect(stage.outcomes.get("work")).toMatchObject({ _tag: tag })
    await vi.advanceTimersByTimeAsync(60_000)
    expect([worker.calls, stage.pool.stats().queued]).toEqual([["work"], 0])
  })

  test("has its own time to wait for a worker each time, and fails with what it failed with", async () => {
    const stage = new Stage({ retry })
    const worker = stage.puppet()
    stage.call("work", { ...idempotent, queueTimeoutMs: 1000 })
    await vi.advanceTimersByTimeAsync(5000)
    stage.callAll("long")
    worker.refuse("work", "tool_error", retryable)
    await vi.advanceTimersByTimeAsync(1000)
    expect(stage.outcomes.size).toBe(0)
    await vi.advanceTimersByTimeAsync(200)
    worker.giveBack()
    expect(stage.outcomes.get("work")).toMatchObject({ _tag: "ToolError" })
  })

  test("ends at its deadline also while it waits to be made again", async () => {
    const stage = new Stage({ retry: { ...retry, minDelayMs: 1000 } })
    const worker = stage.puppet()
    stage.call("work", { ...idempotent, timeoutMs: 1200 })
    worker.refuse("work", "tool_error", retryable)
    await vi.advanceTimersByTimeAsync(1000)
    expect(worker.calls.length).toBe(2)
    await vi.advanceTimersByTimeAsync(300)
    expect(stage.outcomes.get("work")).toMatchObject({ _tag: "CallTimeout", started: true })
  })
})
