import { afterEach, beforeEach, describe, expect, test, vi } from "vitest"
import { Recycling, type Wearing } from "../../../src/pool/supervisor/recycling.js"

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const never = { ttlMs: undefined, maxRequests: undefined, maxMemoryBytes: undefined }

class Worker implements Wearing {
  readonly startedAt = performance.now()
  requests = 0
  strict = 0
  constructor(readonly pid: number | null) {}
}

function made(limits: Partial<Record<keyof typeof never, number>>, memory = new Map<number, number>()) {
  const due: [pid: number | null, reason: string][] = []
  const scans: (readonly number[])[] = []
  const recycling = new Recycling<Worker>({
    policy: { ...never, jitter: 0.1, checkIntervalMs: 30_000, ...limits },
    strictSessionsOf: (worker) => worker.strict,
    onDue: ({ pid }, reason) => due.push([pid, reason]),
    memoryOf: (leaders) => {
      scans.push(leaders)
      return memory
    },
    random: () => 0,
  })
  const worker = (pid: number | null): Worker => {
    const one = new Worker(pid)
    recycling.add(one)
    return one
  }
  return { recycling, worker, due, scans }
}

describe("workers are told to be due, once each:", () => {
  test("after their time to live", () => {
    const { recycling, worker, due } = made({ ttlMs: 60_000 })
    worker(1)
    vi.advanceTimersByTime(1000)
    worker(2)
    recycling.remove(worker(3))
    vi.advanceTimersByTime(59_000)
    expect(due).toEqual([[1, "ttl"]])
    vi.advanceTimersByTime(60_000)
    expect(due).toEqual([
      [1, "ttl"],
      [2, "ttl"],
    ])
    expect(vi.getTimerCount()).toBe(0)
  })

  test("after as many answers as they may give", () => {
    const { recycling, worker, due } = made({ maxRequests: 2 })
    const one = worker(1)
    for (let answer = 0; answer < 4; answer += 1) {
      one.requests += 1
      recycling.answered(one)
      expect(due.length).toBe(answer < 1 ? 0 : 1)
    }
  })

  test("P16 when they have grown: one look at the memory serves all", () => {
    const memory = new Map([
      [1, 100],
      [2, 101],
    ])
    const { recycling, worker, due, scans } = made({ maxMemoryBytes: 100 }, memory)
    for (const pid of [1, 2, 3, null]) worker(pid)
    vi.advanceTimersByTime(30_000)
    expect(scans).toEqual([[1, 2, 3]])
    expect(due).toEqual([[2, "memory"]])
    recycling.close()
    expect(vi.getTimerCount()).toBe(0)
  })

  test("not before their strict sessions have ended", () => {
    const { recycling, worker, due } = made({ maxRequests: 1 })
    const one = worker(1)
    one.strict = 1
    one.requests = 1
    recycling.answered(one)
    recycling.sessionEnded()
    expect(due).toEqual([])
    one.strict = 0
    recycling.sessionEnded()
    recycling.sessionEnded()
    expect(due).toEqual([[1, "requests"]])
  })
})
