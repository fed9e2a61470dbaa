import { afterEach, beforeEach, describe, expect, test, vi } from "vitest"
import {
  CallCancelled,
  CallTimeout,
  PoolClosed,
  PoolSaturated,
  QueueTimeout,
  WorkerCrashed,
} from "../../src/index.js"
import { grainMs } from "../../src/pool/calls/alarms.js"
import { onQuickMachine, Stage } from "./fakes.js"

const died = { code: null, signal: "SIGSEGV" } as const

describe("dispatching", () => {
  onQuickMachine()

  test("spreads calls over idle workers before it sends ahead", () => {
    const stage = new Stage()
    const [a, b] = [stage.puppet(), stage.puppet()]
    stage.callAll("1", "2", "3", "4")
    expect([a.calls, b.calls]).toEqual([
      ["1", "3"],
      ["2", "4"],
    ])
    expect(stage.pool.stats()).toMatchObject({ workers: 2, available: 0, queued: 2 })
  })

  test("holds calls until a worker comes, in order", () => {
    const stage = new Stage({ maxInFlight: 2 })
    stage.callAll("1", "2", "3")
    const worker = stage.puppet()
    expect(worker.calls).toEqual(["1", "2"])
    worker.answer("1")
    expect(worker.calls).toEqual(["1", "2", "3"])
  })

  test("refuses the call beyond maxQueue, wherever the others wait", () => {
    const stage = new Stage({ maxQueue: 2 })
    stage.puppet()
    stage.callAll("runs", "waits behind", "waits, too")
    expect(() => stage.call("one too many")).toThrow(PoolSaturated)
    expect(stage.outcomes.size).toBe(0)
    expect(stage.pool.stats()).toMatchObject({ requests: 3, poolSaturated: 1 })
  })

  test("lets a worker that has nothing to do take half of what waits elsewhere", async () => {
    const stage = new Stage()
    const [busy, quick] = [stage.puppet(), stage.puppet()]
    stage.callAll("slow", "q1", "w1", "q2", "w2", "q3", "w3", "q4", "w4", "q5")
    for (const tool of quick.calls) quick.answer(tool)
    expect(busy.giveBack()).toEqual(["w3", "w4"])
    expect(quick.calls.slice(-2)).toEqual(["w3", "w4"])
    expect(stage.outcomes.has("slow")).toBe(false)
  })
})

describe("a crash", () => {
  onQuickMachine()

  test("fails the oldest call; those that never started run elsewhere, first and in order", async () => {
    const stage = new Stage({ maxInFlight: 3 })
    const requeued: string[] = []
    stage.emitter.on("snakepit.call.requeued", ({ metadata }) => requeued.push(metadata.tool))
    const broken = stage.puppet()
    stage.callAll("started", "behind 1", "behind 2", "queued")
    broken.die(died)
    await broken.worker.stopped
    expect(stage.outcomes.get("started")).toMatchObject({ _tag: "WorkerCrashed", started: true })
    const next = stage.puppet()
    const order = ["behind 1", "behind 2", "queued"]
    for (const tool of order) {
      expect(next.calls).toContain(tool)
      next.answer(tool)
    }
    expect(next.calls).toEqual(order)
    expect(requeued.toSorted()).toEqual(["behind 1", "behind 2"])
    expect(stage.pool.stats()).toMatchObject({ crashes: 1, requeued: 2, errors: 1 })
  })

  test("fails as many as the worker ran at a time", async () => {
    const stage = new Stage()
    const worker = stage.puppet({ concurrency: 2 })
    stage.callAll("started 1", "started 2", "behind")
    worker.die(died)
    await worker.worker.stopped
    expect([...stage.outcomes.keys()]).toEqual(["started 1", "started 2"])
    expect(stage.puppet().calls).toEqual(["behind"])
  })

  test("counts what the worker wrote before it died", async () => {
    const stage = new Stage()
    const worker = stage.puppet()
    stage.callAll("done", "started")
    worker.answer("done")
    worker.die(died)
    await worker.worker.stopped
    expect(stage.outcomes.get("done")).toBe("done")
    expect(stage.outcomes.get("started")).toBeInstanceOf(WorkerCrashed)
  })

  test("costs a call that waited behind another one its place there: next time it is sent where it starts at once", async () => {
    const stage = new Stage()
    const [broken, busy] = [stage.puppet(), stage.puppet()]
    stage.callAll("started", "runs", "behind")
    broken.die(died)
    await broken.worker.stopped
    expect(busy.calls).toEqual(["runs"])
    busy.answer("runs")
    expect(busy.calls).toEqual(["runs", "behind"])
  })

  test("is survived three times by a call that never starts, not more often", async () => {
    const stage = new Stage()
    stage.call("patient")
    for (const lost of [1, 2, 3, 4]) {
      const worker = stage.puppet({ startedUpTo: 0 })
      expect(worker.calls).toEqual(["patient"])
      worker.die(died)
      await worker.worker.stopped
      expect(stage.outcomes.has("patient")).toBe(lost === 4)
    }
    expect(stage.outcomes.get("patient")).toMatchObject({ _tag: "WorkerCrashed", started: false })
    expect(stage.puppet().calls).toEqual([])
  })
})

describe("limits of time", () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] })
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  test("a call that waits longer than queueTimeout never starts", () => {
    const stage = new Stage()
    stage.call("waits", { queueTimeoutMs: 1000 })
    vi.advanceTimersByTime(999)
    expect(stage.outcomes.size).toBe(0)
    vi.advanceTimersByTime(1 + grainMs)
    expect(stage.outcomes.get("waits")).toBeInstanceOf(QueueTimeout)
    expect(stage.puppet().calls).toEqual([])
    expect(stage.pool.stats()).toMatchObject({ queueTimeouts: 1, errors: 1, queued: 0 })
  })

  test("a call that waits behind another one is asked back, since only its worker knows whether it began", () => {
    const stage = new Stage()
    const worker = stage.puppet()
    stage.call("slow")
    stage.call("waits", { queueTimeoutMs: 1000 })
    vi.advanceTimersByTime(1000 + grainMs)
    expect(stage.outcomes.has("waits")).toBe(false)
    expect(worker.giveBack()).toContain("waits")
    expect(stage.outcomes.get("waits")).toBeInstanceOf(QueueTimeout)
  })

  test("a call that began before its recall came gives its result", () => {
    const stage = new Stage()
    const worker = stage.puppet()
    stage.call("quick after all")
    stage.call("began", { queueTimeoutMs: 1000 })
    vi.advanceTimersByTime(1000 + grainMs)
    worker.answer("quick after all")
    worker.answer("began")
    expect(stage.outcomes.get("began")).toBe("began")
  })

  test("the timeout ends a call for its caller at once, and tells the worker to stop", () => {
    const stage = new Stage()
    const worker = stage.puppet()
    stage.call("slow", { timeoutMs: 500 })
    vi.advanceTimersByTime(500 + grainMs)
    expect(stage.outcomes.get("slow")).toBeInstanceOf(CallTimeout)
    expect(worker.sent.at(-1)).toMatchObject({ type: "cancel", id: worker.idOf("slow") })
    worker.answer("slow", "too late")
    expect(stage.outcomes.get("slow")).toBeInstanceOf(CallTimeout)
    expect(stage.pool.stats()).toMatchObject({ available: 1 })
  })

  test("a worker that does not stop within the grace is killed, once its call has its turn", async () => {
    const stage = new Stage()
    const worker = stage.puppet({ cancelGraceMs: 300 })
    const first = stage.call("first")
    const second = stage.call("second")
    stage.pool.cancel(second, "not wanted")
    vi.advanceTimersByTime(400)
    expect(worker.worker.state).toBe("busy")
    stage.pool.cancel(first, "nor this")
    vi.advanceTimersByTime(300)
    expect((await worker.worker.stopped).cause).toContain("did not stop within 300 ms")
  })

  test("what waits behind a slow call is taken back for a worker that answers quickly", () => {
    const stage = new Stage()
    const [slow, quick] = [stage.puppet(), stage.puppet()]
    stage.callAll("slow", "q1", "w1", "q2")
    vi.advanceTimersByTime(8)
    quick.answer("q1")
    vi.advanceTimersByTime(4)
    expect(slow.giveBack()).toEqual(["w1"])
    expect(quick.calls).toEqual(["q1", "q2", "w1"])
  })

  test("a worker that does not react is asked for its calls once, not again and again", () => {
    const stage = new Stage()
    const [slow, quick] = [stage.puppet(), stage.puppet()]
    stage.callAll("slow", "q1", "w1")
    vi.advanceTimersByTime(8)
    quick.answer("q1")
    vi.advanceTimersByTime(1000)
    expect(slow.sent.filter(({ type }) => type === "cancel")).toHaveLength(1)
  })

  test("an infinite grace is never over", () => {
    const stage = new Stage()
    const worker = stage.puppet({ cancelGraceMs: Number.POSITIVE_INFINITY })
    stage.pool.cancel(stage.call("stubborn"), "enough")
    vi.advanceTimersByTime(40 * 24 * 3600 * 1000)
    expect(worker.worker.state).toBe("busy")
  })

  test("an open pool without calls has no timer", () => {
    const stage = new Stage()
    const worker = stage.puppet()
    stage.call("done", { timeoutMs: 1000, queueTimeoutMs: 1000 })
    worker.answer("done")
    vi.advanceTimersByTime(2000)
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe("cancelling", () => {
  test("a call whose signal is aborted is told so before it is accepted", () => {
    const stage = new Stage()
    expect(() => stage.call("never", { signal: AbortSignal.abort() })).toThrow(CallCancelled)
    expect(stage.pool.stats().requests).toBe(0)
  })

  test("an abort takes a call out of the queue", () => {
    const stage = new Stage()
    const control = new AbortController()
    stage.call("waits", { signal: control.signal })
    control.abort()
    expect(stage.outcomes.get("waits")).toBeInstanceOf(CallCancelled)
    expect(stage.puppet().calls).toEqual([])
  })
})

describe("closing", () => {
  test("takes nothing new, and waits for what was accepted", async () => {
    const stage = new Stage()
    const worker = stage.puppet()
    stage.callAll("1", "2")
    const drained = stage.pool.drain()
    expect(() => stage.call("3")).toThrow(PoolClosed)
    worker.answer("1")
    worker.answer("2")
    await drained
    expect([...stage.outcomes]).toEqual([
      ["1", "1"],
      ["2", "2"],
    ])
  })

  test("ends what is left when the grace is over, each call once", () => {
    const stage = new Stage()
    const worker = stage.puppet()
    stage.callAll("1", "2")
    stage.pool.abandonAll()
    worker.answer("1")
    expect([...stage.outcomes.values()].every((outcome) => outcome instanceof PoolClosed)).toBe(true)
    expect(stage.outcomes.size).toBe(2)
  })
})

test("a worker counts the calls it answered, not those it gave back", () => {
  const stage = new Stage()
  const [busy, quick] = [stage.puppet(), stage.puppet()]
  stage.callAll("slow", "q1", "w1", "q2")
  for (const tool of quick.calls) quick.answer(tool)
  busy.giveBack()
  busy.answer("slow")
  expect([busy.worker.requests, quick.worker.requests]).toEqual([1, 2])
})
