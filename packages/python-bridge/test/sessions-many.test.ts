import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { SessionQuotaExceeded, type Snakepit } from "@snakepit/core"
import { expect, test } from "vitest"
import { errorOf, start, until } from "./helpers.js"

setFlagsFromString("--expose-gc")
const collectGarbage: () => void = runInNewContext("gc")

const megabyte = 2 ** 20
const count = 10_000

interface Census {
  readonly alive: number
  readonly cleaned: number
  readonly bytes: number
}

/** What both sides hold. The instance that counts, of no session, is not counted: it was there at the start. */
async function census(pit: Snakepit): Promise<Census & { readonly host: number }> {
  collectGarbage()
  collectGarbage()
  const host = process.memoryUsage().heapUsed
  return { ...(await pit.execute<Census>("census")), host }
}

/** The same, when the workers have let go of every session. */
async function released(pit: Snakepit): ReturnType<typeof census> {
  await until(() => pit.stats().busy === 0)
  const now = await census(pit)
  expect(now.alive).toBe(0)
  return now
}

async function useAll(pit: Snakepit, round: string): Promise<void> {
  const lanes = Array.from({ length: 100 }, async (_, lane) => {
    for (let n = lane; n < count; n += 100) {
      const session = pit.session(`${round}-${n}`)
      expect(await session.execute("touch")).toBe(1)
      await session.variables.register("n", "integer", n)
    }
  })
  await Promise.all(lanes)
}

test("10,000 sessions are made, used and expire: the quota holds, and both sides get their memory back", async () => {
  const pit = await start("sessions:Guest", { size: 1 }, { sessions: { ttl: "1 hour" } })
  const ended = { closed: 0, expired: 0 }
  pit.on("snakepit.session.ended", ({ metadata }) => {
    ended[metadata.reason] += 1
  })
  await useAll(pit, "warm-up")
  const firstFull = await census(pit)
  for (const id of await pit.sessions.list()) await pit.sessions.delete(id)
  const before = await released(pit)
  expect(ended).toEqual({ closed: count, expired: 0 })

  await useAll(pit, "round")
  expect(pit.sessions.stats()).toMatchObject({ sessions: count, created: 2 * count })
  const refused = await errorOf(pit.session("one too many").execute("touch"))
  expect(refused).toBeInstanceOf(SessionQuotaExceeded)
  expect(refused).toMatchObject({ limit: count })
  const full = await census(pit)
  expect(full.alive).toBe(count)
  // What the first ten thousand had is used again. (How much of it Python gives back to the system is its own affair.)
  expect(full.bytes - firstFull.bytes).toBeLessThan(8 * megabyte)

  // Each is used once more, and has a moment left after that.
  for (const id of await pit.sessions.list())
    expect(await pit.session(id, { ttl: 100 }).execute("touch")).toBe(2)
  await until(async () => {
    await pit.sessions.cleanup()
    return pit.sessions.stats().sessions === 0
  })
  const after = await released(pit)
  expect(ended).toEqual({ closed: count, expired: count })
  expect(after.cleaned).toBe(2 * count)
  expect(after.host - before.host).toBeLessThan(8 * megabyte)
  expect(await pit.session("one more").execute("touch")).toBe(1)
})
