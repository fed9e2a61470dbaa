import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import type { PoolConfig, PoolStats, Snakepit } from "@snakepit/core"
import { expect, test } from "vitest"
import { collect, folder, isAlive, start } from "./helpers.js"

const calls = 10_000
const callers = 64
const size = 2
const killEveryMs = 100

interface Failure {
  readonly id: number
  readonly _tag: string
  readonly message: string
  readonly started?: boolean
}

interface Storm {
  readonly kills: number
  /** How often each call settled. */
  readonly settled: readonly number[]
  readonly failed: readonly Failure[]
  /** Ids of the calls whose tools began, in order. */
  readonly ran: readonly number[]
  /** Calls that lost their worker before they started. */
  readonly requeued: number
  readonly stats: PoolStats
}

/**
 * Kills one worker after the other, but never the last one: on a busy machine replacements come slowly.
 * @returns the end of that, which tells how many it were.
 */
function killer(pit: Snakepit): () => number {
  let kills = 0
  const timer = setInterval(() => {
    const up = pit.workers().flatMap(({ pid }) => (pid !== null && isAlive(pid) ? [pid] : []))
    const victim = up[kills % up.length]
    if (up.length < size || victim === undefined) return
    process.kill(victim, "SIGKILL")
    kills += 1
  }, killEveryMs)
  return () => {
    clearInterval(timer)
    return kills
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
  const pit = await start("crashing:Crashing", { size, ...pool }, { python: { env: { LEDGER: ledger } } })
  let requeued = 0
  pit.on("snakepit.call.requeued", ({ metadata }) => {
    if (metadata.reason === "crash") requeued += 1
  })
  const stop = killer(pit)
  const settled = Array<number>(calls).fill(0)
  const failed: Failure[] = []
  let next = 0
  const caller = async (): Promise<void> => {
    for (let id = next++; id < calls; id = next++) {
      const count = (): void => {
        settled[id] = (settled[id] ?? 0) + 1
      }
      await callOnce(pit, id, timeout).then(count, (error: Failure) => {
        count()
        failed.push({
          id,
          _tag: error._tag,
          message: error.message,
          ...("started" in error && { started: error.started }),
        })
      })
    }
  }
  await Promise.all(Array.from({ length: callers }, caller))
  const kills = stop()
  const stats = pit.stats()
  await pit.close()
  const ran = readFileSync(ledger, "utf8").trimEnd().split("\n").map(Number)
  return { kills, settled, failed, ran, requeued, stats }
}

function expectExactlyOnce({ kills, settled, ran }: Storm): void {
  expect(kills).toBeGreaterThan(5)
  expect(settled.filter((times) => times !== 1)).toEqual([])
  expect(ran.length).toBe(new Set(ran).size)
}

test("10,000 calls while a worker is killed every 100 ms: each settles once, none runs twice", async () => {
  const result = await storm({ queueTimeout: "30 seconds" }, 30_000)
  expectExactlyOnce(result)
  const { kills, failed, ran, requeued, stats } = result
  expect(failed.filter(({ _tag }) => _tag !== "WorkerCrashed")).toEqual([])
  expect(failed.length).toBeLessThanOrEqual(Math.min(kills, calls * 0.05))
  expect(requeued).toBeGreaterThan(0)

  const lost = new Set(failed.map(({ id }) => id))
  expect(ran.filter((id) => !lost.has(id)).length).toBe(calls - lost.size)
  expect(stats).toMatchObject({ requests: calls, errors: lost.size, queued: 0, requeued })
  expect(stats.crashes).toBeLessThanOrEqual(kills)
})

test("what then fails as never started has not run: calls that time out in and out of the queue", async () => {
  const result = await storm({ queueTimeout: 20 }, 25)
  expectExactlyOnce(result)
  const { failed, ran } = result
  const began = new Set(ran)
  const neverStarted = failed.filter(({ _tag, started }) => _tag === "QueueTimeout" || started === false)
  for (const tag of ["QueueTimeout", "CallTimeout"]) expect(failed.map(({ _tag }) => _tag)).toContain(tag)
  expect(neverStarted.filter(({ id }) => began.has(id))).toEqual([])
})
