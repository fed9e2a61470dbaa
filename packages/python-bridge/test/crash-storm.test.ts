import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import type { PoolConfig, Snakepit, Stats } from "@snakepit/core"
import { expect, test, vi } from "vitest"
import { collect, folder, isAlive, start } from "./helpers.js"

const calls = 10_000
const callers = 64
const size = 2
const killEveryMs = 100
const leastKills = 10
/** Calls that end between two kills, so that a slow machine gets on, too. */
const progress = 20

interface Failure {
  readonly id: number
  readonly _tag: string
  readonly message: string
  readonly started?: boolean
}

interface Storm {
  /** Calls that were made. */
  readonly made: number
  readonly kills: number
  /** Endings that the pool told of. */
  readonly ended: number
  readonly failed: readonly Failure[]
  /** Ids of the calls whose tools began, in order. */
  readonly ran: readonly number[]
  /** Calls that lost their worker before they started. */
  readonly requeued: number
  readonly stats: Stats
}

/** Kills one worker after the other, whether or not another one is up. */
class Killer {
  kills = 0
  #ended = 0
  readonly #timer: NodeJS.Timeout

  constructor(pit: Snakepit) {
    pit.on("snakepit.request.executed", () => {
      this.#ended += 1
    })
    this.#timer = setInterval(() => {
      if (this.#ended < progress) return
      const up = pit.workers().flatMap(({ pid }) => (pid !== null && isAlive(pid) ? [pid] : []))
      const victim = up[this.kills % up.length]
      if (victim === undefined) return
      process.kill(victim, "SIGKILL")
      this.kills += 1
      this.#ended = 0
    }, killEveryMs)
  }

  stop(): void {
    clearInterval(this.#timer)
  }
}

/** Every tenth call is a stream. Each must get its own result. */
async function callOnce(pit: Snakepit, id: number, timeout: number): Promise<void> {
  if (id % 10 !== 0) {
    expect(await pit.execute("run", { id, work: 20_000 }, { timeout })).toBe(id)
    return
  }
  const chunks = await collect(pit.stream<number>("stream", { id, n: 20 }, { timeout }))
  expect(chunks.flatMap((chunk) => (chunk.isFinal ? [] : [chunk.data]))).toEqual([...Array(20).keys()])
}

async function storm(pool: PoolConfig, timeout: number): Promise<Storm> {
  const ledger = join(await folder(), "ledger")
  writeFileSync(ledger, "")
  // Somebody else kills them, so there is nothing to wait for.
  const restart = { intensity: 1_000_000 }
  const python = { env: { LEDGER: ledger } }
  const pit = await start("crashing:Crashing", { size, restart, ...pool }, { python })
  let requeued = 0
  let ended = 0
  pit.on("snakepit.request.executed", () => {
    ended += 1
  })
  pit.on("snakepit.call.requeued", ({ metadata }) => {
    if (metadata.reason === "crash") requeued += 1
  })
  const killer = new Killer(pit)
  const failed: Failure[] = []
  let made = 0
  const caller = async (): Promise<void> => {
    // However fast the machine is, some workers must die.
    while (made < calls || killer.kills < leastKills) {
      const id = made
      made += 1
      await callOnce(pit, id, timeout).catch((error: Failure) => {
        const { _tag, message, started } = error
        failed.push({ id, _tag, message, ...(started !== undefined && { started }) })
      })
    }
  }
  await Promise.all(Array.from({ length: callers }, caller))
  killer.stop()
  // Calls that were given up still stand in line until their worker has said so.
  await vi.waitFor(() => expect(pit.stats().queued).toBe(0), { timeout: 10_000 })
  const stats = pit.stats()
  await pit.close()
  const ran = readFileSync(ledger, "utf8").trimEnd().split("\n").map(Number)
  return { made, kills: killer.kills, ended, failed, ran, requeued, stats }
}

function expectExactlyOnce({ made, ended, ran, stats }: Storm): void {
  expect(stats).toMatchObject({ requests: made, queued: 0 })
  expect(ended).toBe(made)
  expect(ran.length).toBe(new Set(ran).size)
}

test("10,000 calls while a worker is killed every 100 ms: each settles once, none runs twice", async () => {
  const result = await storm({ queueTimeout: "30 seconds" }, 30_000)
  expectExactlyOnce(result)
  const { made, kills, failed, ran, requeued, stats } = result
  expect(failed.filter(({ _tag }) => _tag !== "WorkerCrashed")).toEqual([])
  // A kill fails the one call that ran; on a slow machine others may lose four workers before they begin.
  const begun = new Set(ran)
  const unlucky = failed.filter(({ started }) => started === false)
  expect(unlucky.filter(({ id }) => begun.has(id))).toEqual([])
  expect(failed.length - unlucky.length).toBeLessThanOrEqual(Math.min(kills, made * 0.05))
  expect(requeued).toBeGreaterThan(0)

  const lost = new Set(failed.map(({ id }) => id))
  expect(ran.filter((id) => !lost.has(id)).length).toBe(made - lost.size)
  expect(stats).toMatchObject({ errors: lost.size, requeued })
  expect(stats.crashes).toBeLessThanOrEqual(kills)
})

test("what then fails as never started has not run: calls that time out in and out of the queue", async () => {
  const result = await storm({ queueTimeout: 10 }, 15)
  expectExactlyOnce(result)
  const { failed, ran } = result
  const began = new Set(ran)
  const neverStarted = failed.filter(({ _tag, started }) => _tag === "QueueTimeout" || started === false)
  expect(neverStarted.length).toBeGreaterThan(0)
  expect(neverStarted.filter(({ id }) => began.has(id))).toEqual([])
})
