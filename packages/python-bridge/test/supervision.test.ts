import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { type PoolConfig, type PoolState, Snakepit, type SnakepitConfig } from "@snakepit/core"
import { python } from "@snakepit/python-bridge"
import { json } from "@snakepit/transport-json"
import { describe, expect, test } from "vitest"
import {
  adapters,
  errorOf,
  folder,
  gone,
  interpreter,
  program,
  Records,
  script,
  start,
  until,
} from "./helpers.js"

const wearing = "wearing:Wearing"

/** A pool, and the states that it went through after its start. */
async function watched(
  name: string,
  pool: PoolConfig,
  more: Partial<SnakepitConfig> & { python?: object } = {},
) {
  const pit = await start(name, pool, more)
  const states: PoolState[] = []
  const failures: string[] = []
  pit.on("snakepit.pool.state", ({ metadata }) => states.push(metadata.to))
  pit.on("snakepit.worker.start_failed", ({ metadata }) => failures.push(metadata.error))
  const reached = (state: PoolState): Promise<void> => until(() => states.at(-1) === state)
  return { pit, states, failures, reached }
}

function pidsOf(pit: Snakepit): number[] {
  return pit.workers().flatMap(({ pid }) => (pid === null ? [] : [pid]))
}

const kill = (pid: number): boolean => process.kill(pid, "SIGKILL")

test("L6 P1 all workers killed at once: the pool says so, recovers, and what waited is served", async () => {
  const records = new Records()
  // Each waits for at least half a second, so that all are gone before the first is back.
  const pool = { size: 4, restart: { intensity: 0, minDelay: "1 second" } } as const
  const { pit, states, reached } = await watched(wearing, pool, { logger: records.logger })
  pidsOf(pit).forEach(kill)
  // Until it has seen the end of a worker, it may send it a call.
  await until(() => pit.stats().crashes === 4)
  const calls = Array.from({ length: 100 }, (_, value) => pit.execute("echo", { value }))
  expect(await Promise.all(calls)).toEqual([...Array(100).keys()])
  await reached("ready")
  await until(() => pit.stats().workers === 4)
  expect(states).toEqual(["degraded", "failed", "degraded", "ready"])
  expect(records.all.filter(({ message }) => message.includes("is failed")).length).toBe(1)
  await records.saying('pool "default" is ready again')
  expect(pit.stats()).toMatchObject({ crashes: 4, errors: 0, starting: 0 })
})

describe("an adapter that breaks while its pool runs is no crash loop, fails calls with its cause, and may be mended:", () => {
  const good = "class Adapter:\n    def echo(self, value):\n        return value\n"
  test.each([
    ["P8 an import that fails", `import a_module_that_is_not_there\n${good}`, "ModuleNotFoundError"],
    ["P9 a syntax error", "class Adapter:\n    def echo(self value):\n", "SyntaxError"],
  ])("%s", async (_, bad, cause) => {
    const cwd = await folder()
    const file = join(cwd, "mended.py")
    writeFileSync(file, good)
    const adapter = python({ adapter: "mended:Adapter", cwd, env: { PYTHONDONTWRITEBYTECODE: "1" } })
    const { pit, states, failures, reached } = await watched("", { size: 1 }, { adapter })
    writeFileSync(file, bad)
    pidsOf(pit).forEach(kill)
    await reached("failed")
    const call = pit.execute("echo", { value: 1 }, { queueTimeout: 1000 })
    const error = await errorOf(call)
    expect(error).toMatchObject({ _tag: "QueueTimeout" })
    expect(error.message).toContain(cause)
    // Three at once, and then after at least 50, 100, 200, 400 and 800 ms.
    expect(failures.length).toBeLessThan(9)
    expect(failures[0]).toMatch(/Traceback[\s\S]*mended\.py/)
    writeFileSync(file, `${good}# mended\n`)
    expect(await pit.execute("echo", { value: 2 }, { queueTimeout: 30_000 })).toBe(2)
    await reached("ready")
    expect(states).toEqual(["degraded", "failed", "ready"])
  })
})

test("L8 no descriptors left for a new worker: a typed error, and another try when there are some", async () => {
  const { line, exit } = program(`
    import { execFileSync } from "node:child_process"
    import { closeSync, openSync } from "node:fs"
    execFileSync("prlimit", ["--pid", String(process.pid), "--nofile=200:200"])
    const pit = await Snakepit.start({ ...config, pool: { size: 1 } })
    const taken = []
    try {
      for (;;) taken.push(openSync("/dev/null"))
    } catch {}
    const failed = pit.once("snakepit.worker.start_failed")
    process.kill(pit.workers()[0].pid, "SIGKILL")
    console.log((await failed).metadata.error.split("\\n")[0])
    taken.forEach((fd) => closeSync(fd))
    console.log(await pit.execute("echo", { value: 3 }, { queueTimeout: 20000 }))
    await pit.close()
  `)
  expect(await line()).toMatch(/default-\d+ \(python\) could not start: .*too many files are open/)
  expect(await line()).toBe("3")
  expect((await exit).code).toBe(0)
})

describe("a circuit breaker", () => {
  test("refuses calls after a tool has crashed its workers, and lets them through again", async () => {
    const breaker = { failures: 2, cooldown: 200 }
    const { pit } = await watched(wearing, { size: 1, breaker })
    const states: string[] = []
    pit.on("snakepit.pool.breaker", ({ metadata }) => states.push(metadata.state))
    for (const _ of [1, 2])
      expect(await errorOf(pit.execute("crash"))).toMatchObject({ _tag: "WorkerCrashed" })
    const refused = await errorOf(pit.execute("echo", { value: 1 }))
    expect(refused).toMatchObject({ _tag: "CircuitOpen", pool: "default" })
    expect(refused.retryAfterMs).toBeGreaterThan(0)
    expect(refused.retryAfterMs).toBeLessThanOrEqual(200)
    const isAnswered = (): Promise<boolean> =>
      pit.execute("echo", { value: 1 }).then(
        () => true,
        () => false,
      )
    await until(isAnswered)
    expect(states).toEqual(["open", "half_open", "closed"])
    expect(pit.stats().pools.default).toMatchObject({ breaker: "closed" })
  })
})

describe("a call that crashes its worker the first time", () => {
  const mark = async (): Promise<string> => join(await folder(), "mark")

  test("P1 gives its value when it is idempotent", async () => {
    const pit = await start(wearing, { size: 1 })
    const retried = pit.once("snakepit.call.retried")
    const args = { mark: await mark(), value: "done" }
    expect(await pit.execute("crash_once", args, { idempotent: true })).toBe("done")
    expect((await retried).metadata).toEqual({ pool: "default", tool: "crash_once", workerId: "default-1" })
    expect(pit.stats()).toMatchObject({ requests: 1, errors: 0, retried: 1, crashes: 1 })
  })

  test("or raises an error that says to come again, gives its value, too", async () => {
    const pit = await start(wearing, { size: 1 })
    const args = { mark: await mark(), value: "done" }
    const error = await errorOf(pit.execute("fail_once", { mark: await mark() }))
    expect(error).toMatchObject({ _tag: "ToolError", type: "Busy", retryable: true })
    expect(await pit.execute("fail_once", args, { idempotent: true })).toBe("done")
    expect(pit.stats()).toMatchObject({ requests: 2, errors: 1, retried: 1, crashes: 0 })
  })

  test("P1 fails when it is not: nothing is silently made again", async () => {
    const pit = await start(wearing, { size: 1 })
    const error = await errorOf(pit.execute("crash_once", { mark: await mark() }))
    expect(error).toMatchObject({ _tag: "WorkerCrashed", started: true, signal: "SIGSEGV" })
    expect(pit.stats()).toMatchObject({ retried: 0, errors: 1 })
  })

  test("P1 fails as a stream of which a chunk has come, though it is idempotent", async () => {
    const pit = await start(wearing, { size: 1 })
    const arrived = await mark()
    const consume = async (): Promise<void> => {
      for await (const _ of pit.stream("stream_and_crash", { arrived }, { idempotent: true }))
        writeFileSync(arrived, "")
    }
    expect(await errorOf(consume())).toMatchObject({ _tag: "WorkerCrashed" })
    expect(pit.stats().retried).toBe(0)
  })
})

test("a session whose calls have crashed three workers is refused until somebody vouches for it", async () => {
  const pit = await start(wearing, { size: 1 })
  const session = pit.session("bad")
  const told = pit.once("snakepit.session.tainted")
  for (const _ of [1, 2, 3])
    expect(await errorOf(session.execute("crash"))).toMatchObject({ _tag: "WorkerCrashed" })
  expect((await told).metadata).toEqual({ session: "bad", pool: "default" })
  const refused = await errorOf(session.execute("echo", { value: 1 }))
  expect(refused).toMatchObject({ _tag: "SessionTainted", session: "bad", crashes: 3 })
  expect(await pit.execute("echo", { value: 2 })).toBe(2)
  session.rebind()
  expect(await session.execute("echo", { value: 3 })).toBe(3)
})

describe("closing", () => {
  test("H10 a thousand calls in flight: each ends, with its value or PoolClosed; closing again is safe", async () => {
    const pit = await start(wearing, { size: 2 })
    const calls = Promise.allSettled(
      Array.from({ length: 1000 }, (_, value) =>
        pit.execute("nap", { seconds: value % 100 === 0 ? 0.02 : 0 }, { idempotent: true }),
      ),
    )
    const pids = pidsOf(pit)
    await Promise.all([pit.close({ grace: 20 }), pit.close(), pit.close({ grace: 0 })])
    await pit.close()
    const outcomes = await calls
    const failures = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason] : []))
    expect(failures.filter(({ _tag }) => _tag !== "PoolClosed")).toEqual([])
    expect(failures.length).toBeGreaterThan(0)
    expect(pit.stats().queued).toBe(0)
    await Promise.all(pids.map(gone))
  })

  test("H10 ends starts, waits and replacements that are under way at once", async () => {
    const obstacle = join(await folder(), "obstacle")
    const hangs = await script(`test -e '${obstacle}' && exec sleep 600\nexec '${await interpreter()}' "$@"`)
    const forever = { size: 1, startTimeout: Number.POSITIVE_INFINITY }
    const starting = await start(wearing, forever, { python: { python: hangs } })
    const replacing = await start(
      wearing,
      { ...forever, recycle: { maxRequests: 1 } },
      { python: { python: hangs } },
    )
    const restart = { intensity: 0, minDelay: "1 hour" } as const
    const waiting = await watched(wearing, { size: 1, restart })
    writeFileSync(obstacle, "")
    pidsOf(starting).forEach(kill)
    await until(() => starting.stats().starting === 1)
    await replacing.execute("echo", { value: 1 })
    await until(() => replacing.stats().starting === 1)
    pidsOf(waiting.pit).forEach(kill)
    await waiting.reached("failed")
    const stranded = errorOf(waiting.pit.execute("echo", { value: 1 }, { queueTimeout: "1 hour" }))
    // Nobody is left who could serve it, so the hour is not waited for.
    await Promise.all([starting, replacing, waiting.pit].map((pit) => pit.close({ grace: "1 hour" })))
    expect(await stranded).toMatchObject({ _tag: "PoolClosed" })
    expect(waiting.states.slice(-2)).toEqual(["draining", "closed"])
  })

  test("is not needed: a program ends by itself, whatever waits", async () => {
    const { exit } = program(`
      const pool = { size: 1, recycle: { ttl: "1 hour", maxMemoryMb: 1000 }, breaker: true,
        restart: { intensity: 0, minDelay: "1 hour" } }
      const pit = await Snakepit.start({ ...config, pool })
      const failed = pit.once("snakepit.pool.state")
      process.kill(pit.workers()[0].pid, "SIGKILL")
      await failed
      await Snakepit.start({ ...config, pool: { ...pool, size: 2 } })
    `)
    expect(await exit).toMatchObject({ code: 0, stderr: "" })
  })
})

test("a pool that cannot start says so by the error of its start, and nowhere else", async () => {
  const records = new Records()
  const adapter = python({ adapter: "broken.import_error:Adapter", cwd: adapters })
  const config = { adapter, transports: [json()], logger: records.logger, pool: { size: 4 } }
  const error = await errorOf(Snakepit.start(config))
  expect(error).toMatchObject({ _tag: "StartFailed", reason: "adapter" })
  expect(records.all.filter(({ message }) => message.startsWith("pool "))).toEqual([])
})
