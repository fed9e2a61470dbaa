import { describe, expect, test } from "vitest"
import { SessionWorkerUnavailable } from "../../src/index.js"
import { onQuickMachine, Stage } from "./fakes.js"

onQuickMachine()

const died = { code: null, signal: "SIGSEGV" } as const

/** Whether it has resolved, once all that could resolve it has. */
async function isOver(promise: Promise<void>): Promise<boolean> {
  let over = false
  void promise.then(() => {
    over = true
  })
  await new Promise((resolve) => setImmediate(resolve))
  return over
}

describe("a worker that is retired", () => {
  test("gets nothing new, finishes what runs, and gives back what has not started", async () => {
    const stage = new Stage()
    const [old, other] = [stage.puppet(), stage.puppet()]
    stage.callAll("old 1", "other 1", "old 2", "other 2")
    const gone = stage.pool.retire(old.worker, "ttl")
    expect(stage.pool.stats()).toMatchObject({ workers: 1, available: 0 })
    expect(old.giveBack()).toEqual(["old 2"])
    stage.call("new")
    expect([old.calls, other.calls]).toEqual([
      ["old 1", "old 2"],
      ["other 1", "other 2", "old 2", "new"],
    ])
    expect(await isOver(gone)).toBe(false)
    old.answer("old 1")
    expect(await isOver(gone)).toBe(true)
    stage.call("newer")
    expect(old.calls).toEqual(["old 1", "old 2"])
  })

  test("lets calls wait for a new one when it was the last", () => {
    const stage = new Stage()
    const old = stage.puppet()
    void stage.pool.retire(old.worker, "requests")
    stage.call("waits")
    expect(old.calls).toEqual([])
    expect(stage.puppet().calls).toEqual(["waits"])
  })

  test("that cannot give calls back finishes them", () => {
    const stage = new Stage()
    const old = stage.puppet({ features: [] })
    stage.call("runs")
    void stage.pool.retire(old.worker, "ttl")
    expect(old.sent.map(({ type }) => type)).toEqual(["call"])
    old.answer("runs")
    expect(stage.outcomes.get("runs")).toBe("runs")
  })

  test("still serves calls nested in what it runs, when nobody else is idle", () => {
    const stage = new Stage()
    const old = stage.puppet()
    stage.call("outer")
    old.callBack("outer")
    void stage.pool.retire(old.worker, "ttl")
    stage.call("nested", {}, stage.callbacks[0])
    expect(old.sent.at(-1)).toMatchObject({ tool: "nested", parent: old.idOf("outer") })
    const next = stage.puppet()
    stage.call("nested, too", {}, stage.callbacks[0])
    expect(next.calls).toEqual(["nested, too"])
  })

  test("is where no strict session begins, not even inside a call that it runs", () => {
    const stage = new Stage()
    const old = stage.puppet()
    stage.call("outer")
    old.callBack("outer")
    void stage.pool.retire(old.worker, "ttl")
    stage.callIn("s", "nested", "strict_queue", {}, stage.callbacks[0])
    expect(old.calls).toEqual(["outer"])
    expect(stage.puppet().calls).toEqual(["nested"])
  })

  test("is forgotten by sessions that only preferred it, also when a nested call has run there since", () => {
    const stage = new Stage()
    const [old, next] = [stage.puppet(), stage.puppet()]
    stage.callIn("s", "1", "hint")
    old.callBack("1")
    stage.call("keeps the other one busy")
    void stage.pool.retire(old.worker, "memory")
    stage.callIn("s", "nested", "hint", {}, stage.callbacks[0])
    expect(old.calls).toEqual(["1", "nested"])
    old.answer("nested")
    old.answer("1")
    next.answer("keeps the other one busy")
    stage.callIn("s", "2", "hint")
    expect(next.calls.at(-1)).toBe("2")
  })

  test("keeps its strict sessions, and serves them, until they have ended", async () => {
    const stage = new Stage({ maxInFlight: 1 })
    const [old] = [stage.puppet(), stage.puppet()]
    stage.callIn("s", "1", "strict_queue")
    stage.callIn("s", "2", "strict_queue")
    const gone = stage.pool.retire(old.worker, "ttl")
    old.answer("1")
    expect(old.calls).toEqual(["1", "2"])
    old.answer("2")
    stage.callIn("s", "3", "strict_queue")
    old.answer("3")
    expect(stage.outcomes.get("3")).toBe("3")
    expect(stage.lost).toEqual([])
    expect([stage.pool.strictSessionsOf(old.worker), await isOver(gone)]).toEqual([1, false])
    stage.endSession("s")
    expect([stage.pool.strictSessionsOf(old.worker), await isOver(gone)]).toEqual([0, true])
  })

  test("that is not to be trusted is lost to its strict sessions at once", async () => {
    const stage = new Stage({ maxInFlight: 2 })
    const [old, other] = [stage.puppet(), stage.puppet()]
    for (const tool of ["ran", "sent", "held"]) stage.callIn("s", tool, "strict_queue")
    void stage.pool.retire(old.worker, "tainted")
    expect(stage.lost).toEqual([["s", "stage-1"]])
    expect(stage.outcomes.get("held")).toBeInstanceOf(SessionWorkerUnavailable)
    expect(old.giveBack()).toEqual(["sent"])
    expect(stage.outcomes.get("sent")).toBeInstanceOf(SessionWorkerUnavailable)
    old.answer("ran")
    expect(stage.outcomes.get("ran")).toBe("ran")
    stage.pool.rebindSession("s")
    stage.callIn("s", "again", "strict_queue")
    expect(other.calls).toEqual(["again"])
  })

  test("and then not to be trusted either is lost to its strict sessions; whoever asked for either hears its end", async () => {
    const stage = new Stage()
    const old = stage.puppet()
    stage.callIn("s", "1", "strict_queue")
    old.answer("1")
    const due = stage.pool.retire(old.worker, "ttl")
    expect(await isOver(due)).toBe(false)
    const spoiled = stage.pool.retire(old.worker, "tainted")
    expect(stage.lost).toEqual([["s", "stage-1"]])
    expect([await isOver(due), await isOver(spoiled)]).toEqual([true, true])
  })

  test("that is not to be trusted lets its sessions be rebuilt, and what had not started waits for that", () => {
    const stage = new Stage({ maxInFlight: 2 })
    stage.rebuilds = true
    const [old, other] = [stage.puppet(), stage.puppet()]
    for (const tool of ["ran", "sent", "held"]) stage.callIn("s", tool, "strict_queue")
    void stage.pool.retire(old.worker, "stuck")
    old.giveBack()
    expect([other.calls, stage.pool.stats().queued]).toEqual([[], 2])
    stage.callIn("s", "rebuild", "strict_queue", { rebuilds: true })
    other.answer("rebuild")
    stage.pool.rebindSession("s")
    expect(other.calls).toEqual(["rebuild", "sent", "held"])
  })

  test("loses, when it dies, what any worker loses", async () => {
    const stage = new Stage()
    const [old, other] = [stage.puppet(), stage.puppet({ features: [] })]
    stage.callIn("s", "ran", "strict_queue")
    stage.call("other")
    void stage.pool.retire(old.worker, "ttl")
    old.die(died)
    await old.worker.stopped
    expect(stage.outcomes.get("ran")).toMatchObject({ _tag: "WorkerCrashed" })
    expect(stage.lost).toEqual([["s", "stage-1"]])
    expect(other.calls).toEqual(["other"])
    expect(stage.pool.stats()).toMatchObject({ workers: 1, queued: 0 })
  })
})

describe("strict sessions are counted", () => {
  test("where they are bound, from their first call to their end or their worker's", async () => {
    const stage = new Stage()
    const { worker } = stage.puppet()
    const other = stage.puppet()
    stage.callIn("s", "1", "strict_queue")
    stage.callIn("s", "2", "strict_queue")
    stage.callIn("t", "3", "strict_fail_fast")
    stage.callIn("u", "4", "hint")
    const counts = () => [worker, other.worker].map((each) => stage.pool.strictSessionsOf(each))
    expect(counts()).toEqual([1, 1])
    stage.endSession("s")
    expect(counts()).toEqual([0, 1])
    other.die(died)
    await other.worker.stopped
    expect(counts()).toEqual([0, 0])
  })
})
