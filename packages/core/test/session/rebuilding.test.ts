import { expect, test } from "vitest"
import { Rebuilding } from "../../src/session/rebuilding.js"
import { SessionEntry } from "../../src/session/session-table.js"

function rebuilding(hook: (lose: () => void, attempt: number) => unknown) {
  const told: string[] = []
  const failed: unknown[] = []
  const pool = {
    name: "p",
    rebindSession: (id: string) => told.push(`${id} is bound again`),
    giveUpSession: (id: string) => told.push(`${id} is given up`),
  }
  const subject = new Rebuilding((_session, error) => failed.push(error))
  let attempts = 0
  const entry: SessionEntry = new SessionEntry("s", 1000, "strict_queue", () => {
    attempts += 1
    return hook(() => void subject.lost(pool, entry, `worker ${attempts}`), attempts)
  })
  const lost = subject.lost(pool, entry, "worker 0")
  return { lost, told, failed, attempts: () => attempts }
}

test("a hook that ends well binds its session again", async () => {
  const { lost, told } = rebuilding(() => Promise.resolve())
  await lost
  expect(told).toEqual(["s is bound again"])
})

test("one that fails, or throws, leaves it lost", async () => {
  for (const hook of [() => Promise.reject(new RangeError("no")), () => JSON.parse("{")]) {
    const { lost, told, failed } = rebuilding(hook)
    await lost
    expect(told).toEqual(["s is given up"])
    expect(failed).toHaveLength(1)
  }
})

test("one that loses its new worker, too, runs again", async () => {
  const { lost, told, attempts } = rebuilding((lose, attempt) => {
    if (attempt > 1) return undefined
    lose()
    throw new Error("the worker is gone")
  })
  await lost
  expect([told, attempts()]).toEqual([["s is bound again"], 2])
})

test("one that kills every worker is given up", async () => {
  const { lost, told, failed, attempts } = rebuilding((lose) => lose())
  await lost
  expect([told, attempts()]).toEqual([["s is given up"], 3])
  expect(String(failed[0])).toContain("has lost 3 workers")
})
