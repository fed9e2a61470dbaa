import { afterEach, beforeEach, describe, expect, test, vi } from "vitest"
import { Heap } from "../../src/collections/heap.js"
import { LinkedList } from "../../src/collections/linked-list.js"
import { PendingCall } from "../../src/pool/calls/pending-call.js"
import { stallMs } from "../../src/pool/dispatch/scheduler.js"
import { Worker } from "../../src/worker/worker.js"
import { type PuppetWorker, Stage } from "./fakes.js"

let now = 0
beforeEach(() => {
  now = 1000
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] })
  vi.spyOn(performance, "now").mockImplementation(() => {
    now += 1e-6
    return now
  })
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

interface Counter {
  mockRestore(): void
}

/** What a decision looks at: each property of a worker or a call, and each member of a list that it passes. */
function countSteps(decide: () => void): number {
  let steps = 0
  const count = (by: number): void => {
    steps += by
  }
  const counters = [
    ...["load", "waiting", "live", "canRecall", "writable"].map((name) =>
      countReads(Worker.prototype, name, count),
    ),
    ...["session", "strict", "rebuilds", "failsFast"].map((name) =>
      countReads(PendingCall.prototype, name, count),
    ),
    ...countMembers(count),
  ]
  decide()
  for (const counter of counters) counter.mockRestore()
  return steps
}

function countReads(of: object, name: string, count: (by: number) => void): Counter {
  const property = Object.getOwnPropertyDescriptor(of, name)
  if (property?.get === undefined) throw new Error(`${name} is no getter`)
  const { get } = property
  Object.defineProperty(of, name, {
    ...property,
    get() {
      count(1)
      return get.call(this)
    },
  })
  return { mockRestore: () => Object.defineProperty(of, name, property) }
}

function countMembers(count: (by: number) => void): Counter[] {
  const { find, toArray } = LinkedList.prototype
  const listed = vi.spyOn(LinkedList.prototype, "toArray").mockImplementation(function (
    this: LinkedList<unknown>,
  ) {
    count(this.size)
    return toArray.call(this)
  })
  const looked = vi.spyOn(LinkedList.prototype, "find")
  looked.mockImplementation(function (this: LinkedList<unknown>, fits, looks) {
    const look = (value: unknown): boolean => {
      count(1)
      return fits(value)
    }
    return find.call(this, look, looks)
  })
  const sorted = Heap.prototype.toArray
  const heaped = vi.spyOn(Heap.prototype, "toArray").mockImplementation(function (this: Heap<unknown>) {
    count(this.size)
    return sorted.call(this)
  })
  return [listed, looked, heaped]
}

interface Crowd {
  readonly stage: Stage
  readonly workers: readonly PuppetWorker[]
}

/** Every worker runs a call that lasts, and others wait. */
function crowd(workers: number, queued: number, maxInFlight = 32): Crowd {
  const stage = new Stage({ maxQueue: 20_000, maxInFlight })
  const puppets = Array.from({ length: workers }, () => stage.puppet())
  for (let n = 0; n < workers; n += 1) stage.call(`runs ${n}`)
  now += 10 * stallMs
  for (let n = 0; n < queued; n += 1) stage.call(`waits ${n}`)
  expect(stage.pool.stats()).toMatchObject({ queued, available: 0 })
  return { stage, workers: puppets }
}

/** Steps of the same decision in a small pool, and in one that is a hundred times as large. */
function compare(decide: (crowd: Crowd) => void, make = (size: number) => crowd(10 * size, 100 * size)) {
  const [small, large] = [make(1), make(100)]
  return [countSteps(() => decide(small)), countSteps(() => decide(large))] as const
}

function oldestCallOf({ worker }: PuppetWorker): string {
  return worker.connection.unanswered()[0]?.request.tool ?? ""
}

/** More than any decision needs; a search through 1,000 workers or 10,000 calls is far beyond. */
const few = 200

describe("a decision costs the same with 1,000 workers and 10,000 waiting calls as with 10 and 100", () => {
  function expectSame([small, large]: readonly [number, number]): void {
    expect(large).toBe(small)
    expect(large).toBeGreaterThan(0)
    expect(large).toBeLessThan(few)
  }

  test("when a worker answers: who gets the next calls", () => {
    const decide = ({ workers }: Crowd): void => {
      workers[5]?.answer("runs 5")
      expect(workers[5]?.calls.length).toBe(3)
    }
    const make = (size: number): Crowd => {
      const { stage, workers } = crowd(10 * size, 200 * size, 2)
      // Each decision stops looking at a few workers that have no room.
      for (let n = 0; n < 2 * size; n += 1) workers[0]?.answer(oldestCallOf(workers[0]))
      return { stage, workers }
    }
    expectSame(compare(decide, make))
    const [, unsettled] = compare(decide, (size) => crowd(10 * size, 100 * size, 2))
    expect(unsettled).toBeLessThan(few)
  })

  test("when a call comes while others wait", () => {
    expectSame(compare(({ stage }) => void stage.call("one more", { priority: "high" })))
  })

  test("when a call comes and nobody else waits, but every worker is slow", () => {
    const make = (size: number) => crowd(10 * size, 0)
    expectSame(compare(({ stage }) => void stage.call("one more"), make))
  })

  test("when a call comes and every worker is idle", () => {
    const make = (size: number): Crowd => {
      const stage = new Stage()
      return { stage, workers: Array.from({ length: 10 * size }, () => stage.puppet()) }
    }
    expectSame(compare(({ stage }) => void stage.call("one more"), make))
  })

  test("when a call is cancelled, and for the numbers of the pool", () => {
    expectSame(
      compare(({ stage }) => {
        stage.pool.cancel(stage.call("not wanted"), "not wanted")
        expect(stage.pool.stats().queued).toBeGreaterThan(0)
      }),
    )
  })

  test("when a worker answers whose strict session waits for it, as all others do for theirs", () => {
    const make = (size: number): Crowd => {
      const stage = new Stage({ maxQueue: 20_000, maxInFlight: 1 })
      const workers = Array.from({ length: 10 * size }, () => stage.puppet())
      for (let n = 0; n < 10 * size; n += 1) stage.callIn(`s${n}`, `runs ${n}`, "strict_queue")
      for (let n = 0; n < 100 * size; n += 1)
        stage.callIn(`s${n % (10 * size)}`, `waits ${n}`, "strict_queue")
      return { stage, workers }
    }
    const answer = ({ workers }: Crowd): void => {
      workers[5]?.answer("runs 5")
      expect(workers[5]?.calls).toEqual(["runs 5", "waits 5"])
    }
    expectSame(compare(answer, make))
  })

  test("when a worker answers while calls wait for the ids of ended sessions", () => {
    const release = "snakepit.end_session"
    const make = (size: number): Crowd => {
      const stage = new Stage({ maxQueue: 20_000, maxInFlight: 1 })
      const worker = stage.puppet()
      for (let n = 0; n < 10 * size; n += 1) {
        stage.callIn(`s${n}`, `${n}`, "hint")
        worker.answer(`${n}`)
      }
      for (let n = 0; n < 10 * size; n += 1) stage.endSession(`s${n}`)
      // The id that becomes free first is not that of the calls that have waited longest.
      for (let n = 100 * size - 1; n >= 0; n -= 1) stage.callIn(`s${n % (10 * size)}`, `again ${n}`, "hint")
      expect(worker.calls.at(-1)).toBe(release)
      return { stage, workers: [worker] }
    }
    expectSame(compare(({ workers }) => workers[0]?.answer(release), make))
  })
})

describe("what waits behind slow calls", () => {
  test("is looked for where something waits, and nowhere else", () => {
    const tick = (size: number): number => {
      const stage = new Stage()
      const workers = Array.from({ length: size }, () => stage.puppet())
      for (let n = 0; n < size; n += 1) stage.call(`runs ${n}`)
      stage.callAll("behind 0", "behind 1")
      now += 2 * stallMs
      workers.at(-1)?.answer(`runs ${size - 1}`)
      const steps = countSteps(() => vi.advanceTimersByTime(stallMs))
      expect(workers.slice(0, 2).map((worker) => worker.giveBack())).toEqual([["behind 0"], ["behind 1"]])
      return steps
    }
    const [small, large] = [tick(10), tick(1000)]
    expect(large).toBe(small)
  })

  test("is asked for once; then nothing ticks until the worker has moved", () => {
    const stage = new Stage()
    const [slow, quick] = [stage.puppet(), stage.puppet()]
    stage.callIn("s", "slow", "strict_queue")
    stage.callIn("s", "has to stay", "strict_queue")
    now += 2 * stallMs
    vi.advanceTimersByTime(stallMs)
    expect(vi.getTimerCount()).toBe(0)
    slow.answer("slow")
    stage.callIn("s", "behind", "strict_queue")
    expect(vi.getTimerCount()).toBe(1)
    expect(quick.calls).toEqual([])
  })
})

test("finds the one worker with room among a thousand without, as soon as it has answered", () => {
  const { stage, workers } = crowd(1000, 0)
  workers[700]?.answer("runs 700")
  stage.call("now")
  expect(workers[700]?.calls.at(-1)).toBe("now")
})

test("sends no call to a worker that is gone, though nobody has said so yet", async () => {
  const stage = new Stage()
  const [broken, other] = [stage.puppet(), stage.puppet()]
  broken.die({ code: null, signal: "SIGKILL" })
  stage.callAll("1", "2")
  expect([broken.calls, other.calls]).toEqual([[], ["1", "2"]])
  vi.useRealTimers()
  await broken.worker.stopped
})
