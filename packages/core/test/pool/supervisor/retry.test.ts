import { describe, expect, test } from "vitest"
import { QueueTimeout, ToolError, WorkerCrashed } from "../../../src/index.js"
import { retryDelay } from "../../../src/pool/supervisor/retry.js"

const policy = { attempts: 3, minDelayMs: 100, maxDelayMs: 30_000 }
const about = { message: "", tool: "t", workerId: "w" }
const crash = new WorkerCrashed({ ...about, pid: 1, started: true })
const failed = { idempotent: true, attempts: 1, delivered: false, deadline: Number.POSITIVE_INFINITY }

describe("a failed call", () => {
  test("is made again after 100, 200, 400 … ms, as often as it may", () => {
    const waits = [1, 2, 3, 4, 9, 10].map((attempts) =>
      retryDelay({ ...policy, attempts: 10 }, { ...failed, attempts }, crash, 0, 1),
    )
    expect(waits).toEqual([100, 200, 400, 800, 25_600, undefined])
    expect(retryDelay({ ...policy, attempts: 11 }, { ...failed, attempts: 10 }, crash, 0, 1)).toBe(30_000)
  })

  test.each([
    ["it is not idempotent", { idempotent: false }],
    ["its caller has got a chunk", { delivered: true }],
    ["it was made three times", { attempts: 3 }],
    ["there is no time left for it", { deadline: 100 }],
  ])("is not when %s", (_, difference) => {
    expect(retryDelay(policy, { ...failed, ...difference }, crash, 0, 1)).toBeUndefined()
  })

  test.each([
    ["the tool says that it may help", new ToolError({ ...about, type: "T", retryable: true }), true],
    ["the tool does not say so", new ToolError({ ...about, type: "T", retryable: false }), false],
    ["its worker crashed while it ran", crash, true],
    ["its mere arrival ends workers", new WorkerCrashed({ ...about, pid: 1, started: false }), false],
    ["it never ran", new QueueTimeout({ message: "", pool: "", tool: "t", waitedMs: 1 }), false],
  ])("by what it failed with: %s", (_, error, again) => {
    expect(retryDelay(policy, failed, error, 0, 0) !== undefined).toBe(again)
  })
})
