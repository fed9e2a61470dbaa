import { existsSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import type { PoolConfig, Snakepit } from "@snakepit/core"
import { expect, test } from "vitest"
import { errorOf, folder, gone, Records, randomNumbers, start, tools, until } from "./helpers.js"

const withThreads = (name: string, pool: PoolConfig = {}) =>
  start(`threaded:${name}`, { profile: "thread", threads: 4, ...pool })

/** A tool that runs until the test says so, whoever wants to stop it; resolves when it has begun. */
async function hold(pit: Snakepit, name: string, at: string, signal?: AbortSignal) {
  const [touch, path] = [join(at, `${name}-begun`), join(at, `${name}-go`)]
  const ended = pit.execute<number>("until_file", { touch, path }, { ...(signal && { signal }) })
  ended.catch(() => {})
  await until(() => existsSync(touch))
  return { ended, go: () => writeFileSync(path, "") }
}

/** Begins a call, and stops it as soon as its tool runs. */
async function cancelRunning(pit: Snakepit, tool: string, args: Record<string, unknown> = {}) {
  const touch = join(await folder(), "begun")
  const abort = new AbortController()
  const call = errorOf(pit.execute(tool, { touch, ...args }, { signal: abort.signal }))
  await until(() => existsSync(touch))
  abort.abort()
  expect(await call).toMatchObject({ _tag: "CallCancelled", tool })
}

test.each(["meet", "meet_async"])("sixteen calls of %s run at the same time in one worker", async (tool) => {
  const pit = await withThreads("Threaded", { threads: 16 })
  expect(pit.workers()).toMatchObject([{ concurrency: 16, runtime: { freeThreaded: false } }])
  const calls = Array.from({ length: 16 }, () => pit.execute<string>(tool, { parties: 16 }))
  const threads = new Set(await Promise.all(calls))
  expect(threads.size).toBe(tool === "meet" ? 16 : 1)
})

test("what is more than the threads waits, and is served in turn", async () => {
  const pit = await withThreads("Threaded")
  const calls = Array.from({ length: 40 }, () => pit.execute<string>("meet", { parties: 4 }))
  expect(new Set(await Promise.all(calls)).size).toBe(4)
  expect(pit.stats()).toMatchObject({ errors: 0, queued: 0 })
})

test("auto takes processes where the interpreter has its lock", async () => {
  const pit = await withThreads("Threaded", { profile: "auto" })
  expect(pit.workers()).toMatchObject([{ concurrency: 1 }])
})

test("numeric libraries may use their own threads, other than in the profile process", async () => {
  const limits = async (profile: "process" | "thread") => {
    const { launch } = tools("threaded:Threaded", { env: "minimal" })
    const { signal } = new AbortController()
    const context = { workerId: "", pool: "", offer: [], signal, poolSize: 1, profile, threads: 2 }
    const plan = await launch(context)
    return plan.kind === "in-process" ? undefined : plan.env?.OMP_NUM_THREADS
  }
  expect(await limits("process")).toBe("1")
  expect(await limits("thread")).toBeUndefined()
})

test("a stuck call in a thread worker costs none of its siblings", async () => {
  const pit = await withThreads("Threaded", { cancelGrace: 50 })
  const recycled = new Promise((resolve) => pit.on("snakepit.worker.recycled", resolve))
  const old = await pit.execute<number>("pid")
  const at = await folder()
  const [first, second] = [await hold(pit, "first", at), await hold(pit, "second", at)]
  await cancelRunning(pit, "deaf")

  // A replacement takes over while the siblings run on.
  await until(async () => (await pit.execute<number>("pid")) !== old)
  expect(pit.workers().map(({ pid }) => pid)).toContain(old)
  first.go()
  expect(await first.ended).toBe(old)
  second.go()
  expect(await second.ended).toBe(old)
  await gone(old)
  expect(await recycled).toMatchObject({ metadata: { reason: "stuck" } })
  expect(pit.stats()).toMatchObject({ crashes: 0, errors: 1 })
}, 20_000)

test("R8 the late result of a stuck call reaches nobody, and its thread counts again", async () => {
  const pit = await withThreads("Threaded", { cancelGrace: 50, threads: 2 })
  const at = await folder()
  const abort = new AbortController()
  const sibling = await hold(pit, "sibling", at)
  const stuck = await hold(pit, "stuck", at, abort.signal)
  const [worker] = pit.workers()
  const stateOf = () => pit.workers().find(({ id }) => id === worker?.id)
  abort.abort()
  expect(await errorOf(stuck.ended)).toMatchObject({ _tag: "CallCancelled" })
  await until(() => stateOf()?.concurrency === 1)
  stuck.go()
  await until(() => stateOf()?.concurrency === 2)
  expect(stateOf()).toMatchObject({ busy: 1, droppedFrames: 0 })
  sibling.go()
  expect(await sibling.ended).toBe(worker?.pid)
})

test("a worker all of whose threads are stuck is killed", async () => {
  const pit = await withThreads("Threaded", { cancelGrace: 50, threads: 2 })
  const old = await pit.execute<number>("pid")
  await Promise.all([cancelRunning(pit, "deaf"), cancelRunning(pit, "deaf")])
  await gone(old)
  expect(await pit.execute("pid")).not.toBe(old)
})

test.each([1, 4])(
  "P15 a tool that holds the interpreter past its deadline costs its worker, of %d threads, and no other",
  async (threads) => {
    const pit = await withThreads("Threaded", { size: 2, threads, cancelGrace: 50 })
    const at = await folder()
    const sibling = await hold(pit, "sibling", at)
    const held = pit.workers().find(({ busy }) => busy === 0)?.pid ?? 0
    const args = { touch: join(at, "held"), seconds: 60 }
    const error = await errorOf(pit.execute("hold_interpreter", args, { timeout: 300 }))
    expect(error).toMatchObject({ _tag: "CallTimeout", started: true })
    await gone(held)
    sibling.go()
    const pid = await sibling.ended
    expect(pid).not.toBe(held)
    expect(pit.workers().map((worker) => worker.pid)).toContain(pid)
  },
)

test("a cancelled tool hears of it where it calls the host, awaits, yields or asks", async () => {
  const pit = await withThreads("Threaded", { cancelGrace: "30 seconds" })
  const pid = await pit.execute<number>("pid")
  let asked = (): void => {}
  pit.tools.register("answer", () => {
    asked()
    return new Promise(() => {})
  })
  for (const tool of ["asks", "asks_async", "asks_in_own_loop"]) {
    const abort = new AbortController()
    const begun = new Promise<void>((resolve) => {
      asked = resolve
    })
    const call = errorOf(pit.execute(tool, {}, { signal: abort.signal }))
    await begun
    abort.abort()
    await call
    await until(async () => (await pit.execute<string[]>("recall")).includes(tool))
  }
  for (const tool of ["endless", "endless_async"]) {
    for await (const _ of pit.stream(tool)) break
    await until(async () => (await pit.execute<string[]>("recall")).includes(tool))
  }
  await cancelRunning(pit, "computes")
  await until(async () => (await pit.execute<string[]>("recall")).includes("looked"))
  await until(() => pit.stats().busy === 0)
  expect(pit.workers()).toMatchObject([{ pid, concurrency: 4 }])
})

test("P1 a crash fails what may have run, as many as there are threads; the rest goes elsewhere", async () => {
  const pit = await withThreads("Threaded", { threads: 2 })
  const at = await folder()
  const old = await pit.execute<number>("pid")
  const running = [await hold(pit, "first", at), await hold(pit, "second", at)]
  const waiting = Array.from({ length: 5 }, () => pit.execute<number>("pid"))
  process.kill(old, "SIGKILL")
  for (const { ended } of running)
    expect(await errorOf(ended)).toMatchObject({ _tag: "WorkerCrashed", started: true, signal: "SIGKILL" })
  const pids = new Set(await Promise.all(waiting))
  expect(pids.size).toBe(1)
  expect(pids).not.toContain(old)
})

test("callbacks that call back are served side by side, each by the thread that waits for it", async () => {
  const pit = await withThreads("Threaded")
  let callbacks = 0
  pit.tools.register("answer", () => {
    callbacks += 1
    // Nobody is idle: the first four run a callback within their callback, and those four meet.
    return callbacks <= 4
      ? pit.execute(callbacks % 2 === 0 ? "asks" : "asks_async")
      : pit.execute("meet", { parties: 4 })
  })
  const calls = ["asks", "asks_async", "asks", "asks_async"].map((tool) => pit.execute<string>(tool))
  expect(new Set(await Promise.all(calls)).size).toBe(4)
})

test("an adapter that says it is not thread-safe is not started; one that says nothing is warned of once", async () => {
  const error = await errorOf(withThreads("Unsafe"))
  expect(error).toMatchObject({ _tag: "StartFailed" })
  expect(error.message).toContain("Unsafe says __thread_safe__ = False")

  const records = new Records()
  const pit = await start("threaded:Silent", { profile: "thread" }, { logger: records.logger })
  await records.saying("Silent does not say whether its tools may run in several threads")
  await pit.execute("pid")
  expect(records.all.filter(({ message }) => message.includes("does not say"))).toHaveLength(1)
})

test("two calls of one session that come at once share one instance", async () => {
  const go = join(await folder(), "go")
  const adapter = tools("threaded:OfSession", { env: { SNAKEPIT_TEST_GO: go } })
  const pit = await start("threaded:OfSession", { profile: "thread", threads: 4, adapter })
  const session = pit.session("s")
  const calls = Array.from({ length: 3 }, () => session.execute<number>("number_of"))
  await until(() => (pit.workers()[0]?.busy ?? 0) === 3)
  writeFileSync(go, "")
  expect(await Promise.all(calls)).toEqual([2, 2, 2])
})

test("P23 a tool that holds the interpreter past every heartbeat succeeds, and so does its sibling", async () => {
  const heartbeat = { interval: 100, timeout: 100, maxMissed: 2 }
  const pit = await withThreads("Threaded", { heartbeat })
  const pid = await pit.execute<number>("pid")
  const at = await folder()
  const sibling = await hold(pit, "sibling", at)
  await pit.execute("hold_interpreter", { touch: join(at, "held"), seconds: 1 })
  sibling.go()
  expect(await sibling.ended).toBe(pid)
})

test("no reply crosses, however many calls are cancelled beside it", async () => {
  const seed = Number(process.env.SNAKEPIT_TEST_SEED ?? Date.now() % 2 ** 31)
  const random = randomNumbers(seed)
  const pit = await withThreads("Threaded", { size: 2, cancelGrace: "30 seconds" })
  pit.tools.register("answer", () => new Promise((resolve) => setTimeout(resolve, 1)))
  const pids = () => pit.workers().map(({ pid }) => pid)
  const before = pids()
  let left = 2000
  const caller = async () => {
    for (; left > 0; left -= 1) {
      const number = left
      if (random() < 0.5) {
        expect(await pit.execute("echo", { value: number }), `seed ${seed}`).toBe(number)
        continue
      }
      const abort = new AbortController()
      const tool = random() < 0.5 ? "asks" : "asks_async"
      const call = pit.execute(tool, {}, { signal: abort.signal }).then(
        () => undefined,
        (error) => expect(error, `seed ${seed}`).toMatchObject({ _tag: "CallCancelled", tool }),
      )
      if (random() < 0.5) await new Promise(setImmediate)
      abort.abort()
      await call
    }
  }
  await Promise.all(Array.from({ length: 16 }, caller))
  await until(() => pit.stats().busy === 0)
  expect(pids()).toEqual(before)
  expect(pit.stats()).toMatchObject({ crashes: 0, queued: 0 })
}, 30_000)
