import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { SessionWorkerUnavailable, type Snakepit, WorkerBusy, WorkerCrashed } from "@snakepit/core"
import { describe, expect, test } from "vitest"
import { errorOf, folder, start, until } from "./helpers.js"

interface Served {
  readonly pid: string
  readonly session: string
  readonly epoch: number
}

/** A pool whose workers write down what they serve, and what they wrote. */
async function witnessed(size: number): Promise<{ readonly pit: Snakepit; served(): Served[] }> {
  const books = await folder()
  const pit = await start("sessions:Witness", { size }, { python: { env: { BOOKS: books } } })
  return { pit, served: () => readdirSync(books).flatMap((pid) => readBook(join(books, pid), pid)) }
}

function readBook(path: string, pid: string): Served[] {
  const lines = readFileSync(path, "utf8").split("\n")
  return lines.slice(0, -1).map((line) => {
    const [session = "", epoch] = line.split(" ")
    return { pid, session, epoch: Number(epoch) }
  })
}

/** Runs jobs, so many at a time. */
async function inParallel(lanes: number, jobs: readonly (() => Promise<void>)[]): Promise<void> {
  const waiting = [...jobs]
  await Promise.all(
    Array.from({ length: lanes }, async () => {
      for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) await job()
    }),
  )
}

const ids = (count: number) => Array.from({ length: count }, (_, n) => `session-${n}`)

test("strict_queue: no call runs on another worker, under load and with crashes, as the workers themselves say", async () => {
  const { pit, served } = await witnessed(4)
  const strict = ids(12)
  const calls = 60
  const rebinds = new Map<string, number>()
  let answered = 0
  const oneSession = async (id: string) => {
    const session = pit.session(id, { affinity: "strict_queue" })
    let epoch = 0
    const call = async () => {
      const mine = epoch
      try {
        await session.execute("serve", { epoch: mine, seconds: 0.001 })
        answered += 1
      } catch (error) {
        if (!(error instanceof SessionWorkerUnavailable || error instanceof WorkerCrashed)) throw error
        // Of all the calls that have lost the worker the first one finds a new one.
        if (mine === epoch) {
          epoch += 1
          session.rebind()
        }
      }
    }
    for (let n = 0; n < calls; n += 5) await Promise.all([call(), call(), call(), call(), call()])
    rebinds.set(id, epoch)
  }
  const others = async () => {
    for (let n = 0; n < 300; n += 1)
      await pit.execute("serve", { seconds: 0.001 }, { session: `hint-${n % 7}` }).catch(crashed)
  }
  const killer = async () => {
    for (let n = 0; n < 6; n += 1) {
      const before = answered
      await until(() => answered >= before + 30)
      const [victim] = pit.workers().filter(({ pid, state }) => pid !== null && state !== "starting")
      process.kill(victim?.pid ?? 0, "SIGKILL")
      await until(() => pit.stats().crashes === n + 1)
    }
  }
  await Promise.all([...strict.map(oneSession), others(), killer()])

  const homes = new Map<string, Set<string>>()
  for (const { pid, session, epoch } of served().filter(({ session }) => strict.includes(session))) {
    const key = `${session} ${epoch}`
    homes.set(key, (homes.get(key) ?? new Set()).add(pid))
  }
  expect([...homes.values()].every((pids) => pids.size === 1)).toBe(true)
  expect(pit.stats().crashes).toBe(6)
  expect([...rebinds.values()].reduce((sum, epochs) => sum + epochs, 0)).toBeGreaterThan(0)
  expect(homes.size).toBeGreaterThan(strict.length)
})

function crashed(error: unknown): void {
  if (!(error instanceof WorkerCrashed)) throw error
}

test("hint: at least 95 of 100 calls of a session run on one worker when the pool is not overloaded", async () => {
  const { pit, served } = await witnessed(4)
  const sessions = ids(40)
  const jobs = sessions.map((id) => async () => {
    for (let n = 0; n < 50; n += 1) await pit.session(id).execute("serve")
  })
  await inParallel(12, jobs)
  const shares = sessions.map((id) => {
    const pids = served()
      .filter(({ session }) => session === id)
      .map(({ pid }) => pid)
    const counts = [...new Set(pids)].map((pid) => pids.filter((each) => each === pid).length)
    return Math.max(...counts) / pids.length
  })
  expect(shares.reduce((sum, share) => sum + share, 0) / shares.length).toBeGreaterThanOrEqual(0.95)
})

describe("a strict session", () => {
  test("queues behind its own worker, though others are idle", async () => {
    const { pit } = await witnessed(2)
    const session = pit.session("s", { affinity: "strict_queue" })
    const calls = Array.from({ length: 20 }, () => session.execute<number>("serve", { seconds: 0.01 }))
    expect(new Set(await Promise.all(calls)).size).toBe(1)
  })

  test("strict_fail_fast fails when its worker is busy, with whom it names", async () => {
    const pit = await start("sessions:Witness", { size: 2, affinity: "strict_fail_fast" })
    const session = pit.session("s")
    const pid = await session.execute("serve")
    const slow = session.execute("serve", { seconds: 0.3 })
    const error = await errorOf(session.execute("serve"))
    expect(error).toBeInstanceOf(WorkerBusy)
    expect(error).toMatchObject({
      session: "s",
      workerId: pit.workers().find((worker) => worker.pid === pid)?.id,
    })
    expect(await slow).toBe(pid)
    expect(await session.execute("serve")).toBe(pid)
  })

  test("fails when it has lost its worker, until it is bound again", async () => {
    const { pit } = await witnessed(2)
    const session = pit.session("s", { affinity: "strict_queue" })
    const first = await session.execute("keep", { value: 1 })
    expect(await errorOf(session.execute("die"))).toBeInstanceOf(WorkerCrashed)
    const error = await errorOf(session.execute("kept_value"))
    expect(error).toBeInstanceOf(SessionWorkerUnavailable)
    expect(error.message).toContain("rebind()")
    session.rebind()
    expect(await session.execute("kept_value")).toBeNull()
    expect(await session.execute("serve")).not.toBe(first)
  })

  test("is rebuilt by its onLost hook, and its calls wait for that", async () => {
    const { pit } = await witnessed(2)
    const lost: string[] = []
    const events: string[] = []
    pit.on("snakepit.session.lost", ({ metadata }) => events.push(metadata.workerId))
    const session = pit.session("s", {
      affinity: "strict_queue",
      onLost: async (again, { workerId }) => {
        lost.push(workerId)
        await again.execute("serve", { seconds: 0.05 })
        await again.execute("keep", { value: "rebuilt" })
      },
    })
    await session.execute("keep", { value: "first" })
    const died = errorOf(session.execute("die"))
    const waits = session.execute("kept_value")
    expect(await died).toBeInstanceOf(WorkerCrashed)
    expect([await waits, await session.execute("kept_value")]).toEqual(["rebuilt", "rebuilt"])
    expect(lost).toHaveLength(1)
    expect(events).toEqual(lost)
  })

  test("stays lost, and says so, when its hook fails", async () => {
    const logged: string[] = []
    const pit = await start(
      "sessions:Witness",
      { size: 1 },
      { logger: ({ message }) => logged.push(message) },
    )
    const session = pit.session("s", {
      affinity: "strict_queue",
      onLost: () => Promise.reject(new Error("no model to load")),
    })
    await session.execute("serve")
    await errorOf(session.execute("die"))
    await until(() => logged.some((line) => line.includes("no model to load")))
    expect(await errorOf(session.execute("serve"))).toBeInstanceOf(SessionWorkerUnavailable)
  })
})
