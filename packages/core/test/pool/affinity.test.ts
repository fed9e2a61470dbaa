import { describe, expect, test } from "vitest"
import {
  CallCancelled,
  PoolSaturated,
  SessionWorkerUnavailable,
  WorkerBusy,
  WorkerCrashed,
} from "../../src/index.js"
import { onQuickMachine, Stage } from "./fakes.js"

onQuickMachine()

const died = { code: null, signal: "SIGSEGV" } as const

describe("a hint", () => {
  test("prefers the worker that served the session last, also when another one is idle", () => {
    const stage = new Stage()
    const [a, b] = [stage.puppet(), stage.puppet()]
    stage.callIn("s", "1", "hint")
    stage.callIn("s", "2", "hint")
    expect([a.calls, b.calls]).toEqual([["1", "2"], []])
  })

  test("keeps the session's calls where they are when another worker becomes idle", () => {
    const stage = new Stage()
    const [home, idle] = [stage.puppet(), stage.puppet()]
    for (const tool of ["1", "2", "3"]) stage.callIn("s", tool, "hint")
    stage.call("other")
    idle.answer("other")
    expect(home.giveBack()).toEqual([])
    expect(home.calls).toEqual(["1", "2", "3"])
  })

  test("moves on when the worker has died", async () => {
    const stage = new Stage()
    const [home, other] = [stage.puppet(), stage.puppet()]
    stage.callIn("s", "1", "hint")
    stage.callIn("s", "2", "hint")
    home.die(died)
    await home.worker.stopped
    expect(other.calls).toEqual(["2"])
    expect(stage.outcomes.get("1")).toBeInstanceOf(WorkerCrashed)
    expect(stage.lost).toEqual([])
  })
})

describe("strict_queue", () => {
  test("binds with the first call; later ones run nowhere else, in order", () => {
    const stage = new Stage({ maxInFlight: 1 })
    const [home, other] = [stage.puppet(), stage.puppet()]
    for (const tool of ["1", "2", "3"]) stage.callIn("s", tool, "strict_queue")
    expect([home.calls, other.calls]).toEqual([["1"], []])
    expect(stage.pool.stats()).toMatchObject({ available: 1, queued: 2 })
    home.answer("1")
    home.answer("2")
    home.answer("3")
    expect([...stage.outcomes.keys()]).toEqual(["1", "2", "3"])
  })

  test("binds calls that waited together for a first worker to the same one", () => {
    const stage = new Stage({ maxInFlight: 1 })
    for (const tool of ["1", "2", "3"]) stage.callIn("s", tool, "strict_queue")
    const [a, b] = [stage.puppet(), stage.puppet()]
    expect([a.calls, b.calls]).toEqual([["1"], []])
    a.answer("1")
    a.answer("2")
    expect(a.calls).toEqual(["1", "2", "3"])
  })

  test("a worker serves whoever has waited longest, of a session or not", () => {
    const stage = new Stage({ maxInFlight: 1 })
    const home = stage.puppet()
    stage.callIn("s", "1", "strict_queue")
    stage.call("2")
    stage.callIn("s", "3", "strict_queue")
    stage.call("4")
    for (const tool of ["1", "2", "3", "4"]) home.answer(tool)
    expect(home.calls).toEqual(["1", "2", "3", "4"])
  })

  test("what waits for its worker counts for maxQueue", () => {
    const stage = new Stage({ maxInFlight: 1, maxQueue: 1 })
    stage.puppet()
    stage.puppet()
    stage.callIn("s", "runs", "strict_queue")
    stage.callIn("s", "waits", "strict_queue")
    expect(() => stage.callIn("s", "one too many", "strict_queue")).toThrow(PoolSaturated)
  })

  test("its calls are never taken back from a worker for another one", () => {
    const stage = new Stage()
    const [home, idle] = [stage.puppet(), stage.puppet()]
    for (const tool of ["1", "2", "3"]) stage.callIn("s", tool, "strict_queue")
    stage.call("other")
    idle.answer("other")
    expect(home.giveBack()).toEqual([])
  })

  test("fails when its worker has died, what ran and what waited, until it is bound again", async () => {
    const stage = new Stage({ maxInFlight: 2 })
    const [home, other] = [stage.puppet(), stage.puppet()]
    for (const tool of ["ran", "sent", "waited"]) stage.callIn("s", tool, "strict_queue")
    home.die(died)
    await home.worker.stopped
    expect(stage.outcomes.get("ran")).toBeInstanceOf(WorkerCrashed)
    expect(stage.outcomes.get("sent")).toBeInstanceOf(SessionWorkerUnavailable)
    expect(stage.outcomes.get("waited")).toBeInstanceOf(SessionWorkerUnavailable)
    expect(stage.lost).toEqual([["s", "stage-1"]])
    expect(() => stage.callIn("s", "later", "strict_queue")).toThrow(SessionWorkerUnavailable)
    expect(other.calls).toEqual([])
    stage.pool.rebindSession("s")
    stage.callIn("s", "again", "strict_queue")
    expect(other.calls).toEqual(["again"])
  })

  describe("that is rebuilt", () => {
    async function losing() {
      const stage = new Stage({ maxInFlight: 2 })
      stage.rebuilds = true
      const [home, other] = [stage.puppet(), stage.puppet()]
      for (const tool of ["ran", "sent", "held"]) stage.callIn("s", tool, "strict_queue")
      home.die(died)
      await home.worker.stopped
      stage.callIn("s", "early", "strict_queue")
      return { stage, other }
    }

    test("lets calls wait, those that had not started among them, and then run where it was rebuilt", async () => {
      const { stage, other } = await losing()
      stage.puppet()
      expect([...stage.outcomes.keys()]).toEqual(["ran"])
      expect([other.calls, stage.pool.stats().queued]).toEqual([[], 3])
      stage.callIn("s", "rebuild", "strict_queue", { rebuilds: true })
      expect(other.calls).toEqual(["rebuild"])
      other.answer("rebuild")
      expect(other.calls).toEqual(["rebuild"])
      stage.pool.rebindSession("s")
      for (const tool of ["sent", "held", "early"]) other.answer(tool)
      expect(other.calls).toEqual(["rebuild", "sent", "held", "early"])
      expect([...stage.outcomes.keys()]).toEqual(["ran", "rebuild", "sent", "held", "early"])
    })

    test("goes on anywhere when nothing had to be rebuilt", async () => {
      const { stage, other } = await losing()
      stage.pool.rebindSession("s")
      expect(other.calls).toEqual(["sent", "held"])
      other.answer("sent")
      expect(other.calls).toEqual(["sent", "held", "early"])
    })

    test("fails what waited when it is given up", async () => {
      const { stage } = await losing()
      stage.pool.giveUpSession("s")
      for (const tool of ["sent", "held", "early"])
        expect(stage.outcomes.get(tool)).toBeInstanceOf(SessionWorkerUnavailable)
      expect(() => stage.callIn("s", "late", "strict_queue")).toThrow(SessionWorkerUnavailable)
    })

    test("fails fast when its calls are not to wait", async () => {
      const { stage } = await losing()
      expect(() => stage.callIn("s", "impatient", "strict_fail_fast")).toThrow(SessionWorkerUnavailable)
    })

    test("ends what waits with the session", async () => {
      const { stage } = await losing()
      stage.endSession("s")
      for (const tool of ["sent", "held", "early"])
        expect(stage.outcomes.get(tool)).toBeInstanceOf(CallCancelled)
      expect(stage.pool.stats().queued).toBe(0)
    })
  })
})

describe("strict_fail_fast", () => {
  test("fails at once when its worker has another call, and runs when it has none", () => {
    const stage = new Stage()
    const [home, other] = [stage.puppet(), stage.puppet()]
    stage.callIn("s", "1", "strict_fail_fast")
    expect(() => stage.callIn("s", "2", "strict_fail_fast")).toThrow(WorkerBusy)
    home.answer("1")
    stage.callIn("s", "3", "strict_fail_fast")
    expect([home.calls, other.calls]).toEqual([["1", "3"], []])
    expect(stage.pool.stats()).toMatchObject({ requests: 2 })
  })

  test("of several calls that waited for a first worker one runs, and the others fail", () => {
    const stage = new Stage()
    stage.callIn("s", "1", "strict_fail_fast")
    stage.callIn("s", "2", "strict_fail_fast")
    const worker = stage.puppet()
    expect(worker.calls).toEqual(["1"])
    expect(stage.outcomes.get("2")).toBeInstanceOf(WorkerBusy)
  })
})
