import { afterEach, beforeEach, describe, expect, test, vi } from "vitest"
import { CircuitOpen, PoolClosed, QueueTimeout, SessionTainted } from "../../../src/index.js"
import { Guards } from "../../../src/pool/calls/guards.js"
import { type PuppetWorker, Stage } from "../fakes.js"

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const died = { code: null, signal: "SIGSEGV" } as const
const retry = { attempts: 3, minDelayMs: 100, maxDelayMs: 30_000 }
const idempotent = { idempotent: true } as const

async function kill(puppet: PuppetWorker): Promise<void> {
  puppet.die(died)
  await vi.advanceTimersByTimeAsync(0)
  await puppet.worker.stopped
}

describe("a circuit breaker", () => {
  const breaker = { failures: 2, cooldownMs: 10_000, halfOpen: 1 }

  test("refuses calls when workers keep crashing, and takes them again when one was answered", async () => {
    const stage = new Stage({ breaker })
    const states: string[] = []
    stage.emitter.on("snakepit.pool.breaker", ({ metadata }) => states.push(metadata.state))
    for (const call of ["1", "2"]) {
      const broken = stage.puppet()
      stage.call(call)
      await kill(broken)
    }
    const worker = stage.puppet()
    expect(() => stage.call("refused")).toThrow(CircuitOpen)
    expect(() => stage.call("refused")).toThrow("try again in 10000 ms")
    expect(stage.pool.stats()).toMatchObject({ breaker: "open", requests: 2 })
    await vi.advanceTimersByTimeAsync(10_000)
    stage.call("trial")
    expect(() => stage.call("refused")).toThrow(CircuitOpen)
    worker.answer("trial")
    stage.call("welcome")
    expect(states).toEqual(["open", "half_open", "closed"])
  })

  test("counts starts that fail, and lets the next call try when its trial was cancelled", async () => {
    const stage = new Stage({ breaker })
    stage.pool.startFailed()
    stage.pool.startFailed()
    expect(() => stage.call("refused")).toThrow(CircuitOpen)
    await vi.advanceTimersByTimeAsync(10_000)
    stage.pool.cancel(stage.call("trial"), "for a test")
    stage.call("next trial")
    expect(stage.pool.stats().breaker).toBe("half_open")
  })

  test("does not take the errors of a tool for failures of its worker, nor a crash without a call", async () => {
    const stage = new Stage({ breaker })
    await kill(stage.puppet())
    await kill(stage.puppet())
    const worker = stage.puppet()
    for (let call = 0; call < 5; call += 1) {
      stage.call(`${call}`)
      worker.refuse(`${call}`, "tool_error")
    }
    expect(stage.pool.stats().breaker).toBe("closed")
  })

  test("is neither closed nor opened again by the calls of a callback, which it lets through", async () => {
    const stage = new Stage({ breaker })
    const worker = stage.puppet()
    stage.call("outer")
    worker.callBack("outer")
    const [host] = stage.callbacks
    stage.pool.startFailed()
    stage.pool.startFailed()
    stage.call("nested", {}, host)
    worker.answer("nested")
    expect(stage.pool.stats().breaker).toBe("open")
    expect(() => stage.call("refused")).toThrow(CircuitOpen)
    await vi.advanceTimersByTimeAsync(10_000)
    stage.call("nested again", {}, host)
    expect(stage.pool.stats().breaker).toBe("open")
    worker.answer("outer")
    stage.call("trial")
    expect(stage.pool.stats().breaker).toBe("half_open")
  })

  test("lets a strict session be rebuilt while it is open", async () => {
    const stage = new Stage({ breaker: { ...breaker, failures: 1 } })
    stage.rebuilds = true
    const broken = stage.puppet()
    stage.callIn("s", "work", "strict_queue")
    await kill(broken)
    const worker = stage.puppet()
    expect(() => stage.callIn("s", "refused", "strict_queue")).toThrow(CircuitOpen)
    stage.callIn("s", "rebuild", "strict_queue", { rebuilds: true })
    worker.answer("rebuild")
    expect(stage.outcomes.get("rebuild")).toBe("rebuild")
    expect(stage.pool.stats().breaker).toBe("open")
  })

  test("keeps failed calls from being made again while it is open", async () => {
    const stage = new Stage({ breaker: { ...breaker, failures: 1 }, retry })
    const broken = stage.puppet()
    stage.call("work", idempotent)
    await kill(broken)
    expect(stage.outcomes.get("work")).toMatchObject({ _tag: "WorkerCrashed" })
  })
})

describe("a crash barrier", () => {
  const crashBarrier = {
    taintOn: new Set(["torch.cuda.OutOfMemoryError"]),
    sessionCrashes: 2,
    periodMs: 60_000,
  }

  /** A stage on which session `bad` has crashed two workers. */
  async function tainted(): Promise<Stage> {
    const stage = new Stage({ crashBarrier, retry, maxInFlight: 2 })
    for (const call of ["1", "2"]) {
      const broken = stage.puppet()
      stage.callIn("bad", call, "hint")
      if (call === "2") {
        stage.callIn("bad", "behind", "hint")
        stage.callIn("good", "bystander", "hint")
      }
      await kill(broken)
    }
    return stage
  }

  test("refuses a session whose calls crash workers; what it has waiting fails, what others have does not", async () => {
    const stage = await tainted()
    expect(stage.outcomes.get("behind")).toBeInstanceOf(SessionTainted)
    expect(() => stage.callIn("bad", "3", "hint")).toThrow(SessionTainted)
    const worker = stage.puppet()
    expect(worker.calls).toEqual(["bystander"])
    worker.answer("bystander")
    stage.callIn("good", "more", "hint")
    expect(stage.pool.stats().queued).toBe(0)
  })

  test.each<[string, (stage: Stage) => void]>([
    ["of another session", (stage) => void stage.callIn("other", "beside", "hint")],
    ["of no session", (stage) => void stage.call("beside")],
    [
      "that its caller has given up",
      (stage) => stage.pool.cancel(stage.callIn("other", "beside", "hint"), "for a test"),
    ],
  ])("blames no session for a crash while the worker also ran a call %s", async (_, alsoRun) => {
    const stage = new Stage({ crashBarrier: { ...crashBarrier, sessionCrashes: 1 } })
    const broken = stage.puppet({ concurrency: 2 })
    stage.callIn("innocent", "work", "hint")
    alsoRun(stage)
    await kill(broken)
    expect(stage.outcomes.get("work")).toMatchObject({ _tag: "WorkerCrashed", started: true })
    stage.callIn("innocent", "more", "hint")
    stage.callIn("other", "more of it", "hint")
  })

  test("blames no session for calls that had not started", () => {
    const stage = new Stage()
    const guards = new Guards({
      name: "stage",
      emitter: stage.emitter,
      crashBarrier: { ...crashBarrier, sessionCrashes: 1 },
    })
    const first = stage.callIn("bad", "first", "hint")
    const behind = stage.callIn("bad", "behind", "hint")
    expect(guards.crashed([first, behind], [])).toBeUndefined()
    expect(guards.crashed([behind], [first])).toBeUndefined()
    expect(guards.crashed([first, behind], [first])).toBe("bad")
  })

  test("tells so once", async () => {
    const stage = new Stage({ crashBarrier })
    const told: unknown[] = []
    stage.emitter.on("snakepit.session.tainted", ({ measurements, metadata }) =>
      told.push([metadata.session, measurements.crashes]),
    )
    for (const call of ["1", "2"]) {
      const broken = stage.puppet()
      stage.callIn("bad", call, "hint")
      await kill(broken)
    }
    expect(told).toEqual([["bad", 2]])
  })

  test("takes it again when somebody vouches for it, or when it has ended", async () => {
    const vouched = await tainted()
    vouched.pool.trustSession("bad")
    vouched.callIn("bad", "again", "hint")
    const ended = await tainted()
    ended.endSession("bad")
    ended.callIn("bad", "again", "hint")
  })

  test("has a worker replaced, once, after an error that spoils it, whatever its module is called", () => {
    const worn: unknown[] = []
    const events: string[] = []
    const keeper = {
      vitals: () => ({ state: "ready", starting: 0, recycled: 0 }) as const,
      onAnswered: () => {},
      onSessionEnded: () => {},
      onWornOut: (worker: { id: string }, reason: string) => worn.push([worker.id, reason]),
    }
    const stage = new Stage({ crashBarrier, keeper })
    stage.emitter.on("snakepit.worker.tainted", ({ metadata }) => events.push(metadata.type))
    const worker = stage.puppet()
    for (const type of ["ValueError", "OutOfMemoryError", "OutOfMemoryError"]) {
      stage.callAll(`${type} ${stage.outcomes.size}`)
      worker.refuse(worker.calls.at(-1) ?? "", "tool_error", { type })
    }
    expect(worn).toEqual([["stage-1", "tainted"]])
    expect(events).toEqual(["OutOfMemoryError"])
  })
})

test("an error that spoils its worker counts also when the caller has given up", () => {
  const worn: unknown[] = []
  const keeper = {
    vitals: () => ({ state: "ready", starting: 0, recycled: 0 }) as const,
    onAnswered: () => {},
    onSessionEnded: () => {},
    onWornOut: (_: unknown, reason: string) => worn.push(reason),
  }
  const crashBarrier = { taintOn: new Set(["Boom"]), sessionCrashes: 2, periodMs: 1000 }
  const stage = new Stage({ crashBarrier, keeper })
  const worker = stage.puppet()
  stage.pool.cancel(stage.call("work"), "for a test")
  worker.refuse("work", "tool_error", { type: "Boom" })
  expect(worn).toEqual(["tainted"])
})

test("H10 a thousand calls in flight end once each when their pool closes", async () => {
  const stage = new Stage({ maxQueue: 2000, retry })
  stage.puppet()
  stage.puppet()
  for (let call = 0; call < 1000; call += 1) stage.call(`${call}`, idempotent)
  const drained = stage.pool.drain()
  stage.pool.abandonAll()
  await drained
  expect([...stage.outcomes.values()].filter((outcome) => outcome instanceof PoolClosed).length).toBe(1000)
  expect(() => stage.call("late")).toThrow(PoolClosed)
})

test("a call of a pool that has failed waits, at most its queueTimeout", async () => {
  const stage = new Stage({ lastStartError: () => "no license" })
  stage.call("work", { queueTimeoutMs: 1000 })
  await vi.advanceTimersByTimeAsync(1100)
  expect(stage.outcomes.get("work")).toBeInstanceOf(QueueTimeout)
  expect(stage.outcomes.get("work")).toMatchObject({ message: expect.stringContaining("no license") })
})
