import { Deferred, Effect, Exit, Scope, Semaphore } from "effect"
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest"
import { StartFailed } from "../../../src/index.js"
import type { DueReason, RecycleReason, SpoiledReason } from "../../../src/pool/supervisor/recycle.js"
import { RecentFailures, Restarts } from "../../../src/pool/supervisor/restarts.js"
import { type Crew, type Life, type ReplacingPermits, Slot } from "../../../src/pool/supervisor/slot.js"
import type { Worker, WorkerEnd } from "../../../src/worker/worker.js"

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const policy = { intensity: 1, periodMs: 5000, minDelayMs: 100, maxDelayMs: 5000 }
const end: WorkerEnd = { expected: false, exit: undefined, cause: "for a test", lost: [] }

/** A worker of which nothing is needed but its end. */
class FakeWorker {
  die: () => void = () => {}
  readonly stopped = new Promise<WorkerEnd>((resolve) => {
    this.die = () => resolve(end)
  })
  readonly life: Life
  constructor(readonly id: string) {
    const due = Deferred.makeUnsafe<DueReason>()
    const spoiled = Deferred.makeUnsafe<SpoiledReason>()
    this.life = { worker: this as unknown as Worker, due, spoiled }
  }

  isDue(reason: DueReason): void {
    Deferred.doneUnsafe(this.life.due, Effect.succeed(reason))
  }

  isSpoiled(reason: SpoiledReason): void {
    Deferred.doneUnsafe(this.life.spoiled, Effect.succeed(reason))
  }
}

const permits = (starting: number, leaving: number): ReplacingPermits => ({
  starting: Semaphore.makeUnsafe(starting),
  leaving: Semaphore.makeUnsafe(leaving),
})

/** Starts workers as the test says, and writes down what happens. */
class FakeCrew implements Crew {
  readonly scope = Scope.makeUnsafe()
  readonly log: string[] = []
  readonly workers: FakeWorker[] = []
  readonly begun = performance.now()
  /** What becomes of starts, in order; afterwards they succeed. */
  fate: ("fails" | "hangs")[] = []
  readonly duePermits = permits(1, 2)
  readonly spoiledPermits = permits(2, 2)
  /** Those that have strict sessions. */
  readonly bound = new Set<string>()
  leaving = Deferred.makeUnsafe<void>()

  readonly start = Effect.suspend(() => {
    this.#say(`start at ${Math.round(performance.now() - this.begun)}`)
    const fate = this.fate.shift()
    if (fate === "hangs")
      return Effect.onInterrupt(Effect.never, () => Effect.sync(() => this.#say("given up")))
    if (fate === "fails")
      return Effect.fail(new StartFailed({ message: "no", reason: "exited", workerId: "w" }))
    const worker = new FakeWorker(`w${this.workers.length + 1}`)
    this.workers.push(worker)
    return Effect.succeed(worker.life)
  })

  permitsFor(reason: RecycleReason): ReplacingPermits {
    return reason === "tainted" ? this.spoiledPermits : this.duePermits
  }

  join = ({ worker }: Life): void => this.#say(`join ${worker.id}`)
  isBound = ({ worker }: Life): boolean => this.bound.has(worker.id)
  startFailed = (_: StartFailed, instead?: RecycleReason): void =>
    this.#say(instead === undefined ? "failed" : `failed, ${instead}`)
  stays = ({ worker }: Life, reason: RecycleReason): void => this.#say(`${worker.id} stays, ${reason}`)
  changed = (): void => {}
  retire = ({ worker }: Life, reason: RecycleReason): Effect.Effect<void> =>
    Effect.suspend(() => {
      this.#say(`retire ${worker.id}, ${reason}`)
      return Deferred.await(this.leaving)
    })

  #say(what: string): void {
    this.log.push(what)
  }

  /** The newest worker. */
  get worker(): FakeWorker {
    const worker = this.workers.at(-1)
    if (worker === undefined) throw new Error("none was started")
    return worker
  }

  /** What has happened since this was asked last. */
  async news(ms = 0): Promise<string[]> {
    await vi.advanceTimersByTimeAsync(ms)
    return this.log.splice(0)
  }
}

/** A slot that is kept filled. */
async function filled(crew = new FakeCrew(), insists = true): Promise<{ crew: FakeCrew; slot: Slot }> {
  const slot = new Slot(crew, new Restarts(policy, new RecentFailures(policy), () => 1))
  Effect.runSync(Effect.forkIn(slot.keepFilled(insists), crew.scope))
  await vi.advanceTimersByTimeAsync(0)
  return { crew, slot }
}

describe("a slot", () => {
  test("gets a new worker when its own has ended, at once and later after ever longer waits", async () => {
    const { crew, slot } = await filled()
    expect(await crew.news()).toEqual(["start at 0", "join w1"])
    crew.worker.die()
    expect(await crew.news()).toEqual(["start at 0", "join w2"])
    crew.fate = ["fails", "fails"]
    crew.worker.die()
    await crew.news()
    expect([slot.up, slot.failing]).toEqual([false, true])
    expect(await crew.news(99)).toEqual([])
    expect(await crew.news(1)).toEqual(["start at 100", "failed"])
    expect(await crew.news(200)).toEqual(["start at 300", "failed"])
    expect(await crew.news(400)).toEqual(["start at 700", "join w3"])
    expect([slot.up, slot.failing]).toEqual([true, false])
  })

  test("gives up when its first start fails, unless it is to insist", async () => {
    const once = new FakeCrew()
    once.fate = ["fails"]
    const { slot } = await filled(once, false)
    expect(await once.news(60_000)).toEqual(["start at 0", "failed"])
    await expect(Effect.runPromise(Deferred.await(slot.first))).rejects.toMatchObject({ _tag: "StartFailed" })
    const insisting = new FakeCrew()
    insisting.fate = ["fails"]
    const { slot: healed } = await filled(insisting, true)
    await expect(Effect.runPromise(Deferred.await(healed.tried))).rejects.toMatchObject({ message: "no" })
    expect(Deferred.isDoneUnsafe(healed.first)).toBe(false)
    expect(await insisting.news(100)).toEqual(["start at 0", "failed", "start at 100", "join w1"])
    await Effect.runPromise(Deferred.await(healed.first))
  })

  test("starts nothing any more when it is interrupted: neither a start nor a wait is left", async () => {
    const { crew } = await filled()
    crew.fate = ["hangs"]
    crew.worker.die()
    await crew.news()
    await Effect.runPromise(Scope.close(crew.scope, Exit.void))
    expect(await crew.news(60_000)).toEqual(["given up"])
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe("a worker that is due", () => {
  test("is replaced first, and then retired", async () => {
    const { crew } = await filled()
    await crew.news()
    crew.worker.isDue("ttl")
    expect(await crew.news()).toEqual(["start at 0", "join w2", "retire w1, ttl"])
    crew.worker.die()
    expect(await crew.news()).toEqual(["start at 0", "join w3"])
  })

  test("waits while another one is replaced, but not for what that still has to do", async () => {
    const { crew } = await filled()
    await filled(crew)
    await crew.news()
    crew.fate = ["fails"]
    for (const worker of [...crew.workers]) worker.isDue("requests")
    const [first, second] = [
      ["failed, requests", "w1 stays, requests", "start at 0", "join w3", "retire w2, requests"],
      ["start at 1000", "join w4", "retire w1, requests"],
    ]
    expect(await crew.news()).toEqual(["start at 0", ...first])
    expect(await crew.news(1000)).toEqual(second)
  })

  test("waits while as many leave as there are slots", async () => {
    const { crew } = await filled()
    await filled(crew)
    for (const worker of [...crew.workers]) worker.isDue("requests")
    await crew.news()
    crew.worker.isDue("requests")
    expect(await crew.news(60_000)).toEqual([])
    Deferred.doneUnsafe(crew.leaving, Effect.void)
    expect(await crew.news()).toEqual(["start at 60000", "join w5", "retire w4, requests"])
  })

  test("stays while a strict session is bound to it, and lets others go meanwhile", async () => {
    const { crew } = await filled()
    await filled(crew)
    await crew.news()
    crew.bound.add("w1")
    for (const worker of [...crew.workers]) worker.isDue("requests")
    expect(await crew.news(60_000)).toEqual(["start at 0", "join w3", "retire w2, requests"])
    crew.bound.clear()
    expect(await crew.news(1000)).toContain("retire w1, requests")
  })

  test("and spoiled while it retires is retired as what it is, bound or not", async () => {
    const { crew } = await filled()
    const [old] = crew.workers
    old?.isDue("ttl")
    await crew.news()
    crew.bound.add("w1")
    old?.isSpoiled("tainted")
    expect(await crew.news()).toEqual(["retire w1, tainted"])
  })

  test("stays while no other one can start, and is replaced when one can", async () => {
    const { crew, slot } = await filled()
    await crew.news()
    crew.fate = ["fails"]
    crew.worker.isDue("memory")
    expect(await crew.news(999)).toEqual(["start at 0", "failed, memory", "w1 stays, memory"])
    expect(slot.up).toBe(true)
    expect(await crew.news(1)).toEqual(["start at 1000", "join w2", "retire w1, memory"])
  })

  test("that ends before another one is up is replaced as any other", async () => {
    const { crew } = await filled()
    await crew.news()
    crew.fate = ["hangs"]
    crew.worker.isDue("ttl")
    await crew.news()
    crew.worker.die()
    expect(await crew.news()).toEqual(["given up", "start at 0", "join w2"])
  })

  test("and spoiled while it waits does not wait any more", async () => {
    const { crew } = await filled()
    await filled(crew)
    await crew.news()
    const second = crew.worker
    crew.fate = ["hangs"]
    for (const worker of [...crew.workers]) worker.isDue("requests")
    expect(await crew.news()).toEqual(["start at 0"])
    second.isSpoiled("tainted")
    expect(await crew.news()).toEqual(["start at 0", "join w3", "retire w2, tainted"])
  })
})
