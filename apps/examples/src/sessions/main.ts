import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { setTimeout as delay } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { type Session, SessionQuotaExceeded, Snakepit, WorkerCrashed } from "@snakepit/core"
import { python } from "@snakepit/python-bridge"
import { json } from "@snakepit/transport-json"

const cwd = new URL("../../src/sessions", import.meta.url)
const table = fileURLToPath(new URL("../data/penguins.json", import.meta.resolve("vega-datasets")))

await using pit = await Snakepit.start({
  adapter: python({ adapter: "./notebook.py:Notebook", cwd }),
  transports: [json()],
  pool: { size: 2 },
  sessions: { max: 3, ttl: "10 minutes" },
})

await affinity()
await data()
await lostWorker()
await timeToLive()
await quota()

/** Calls of a session prefer the worker that served it last, where Python keeps things between them. */
async function affinity(): Promise<void> {
  await using adelie = pit.session("adelie")
  await using gentoo = pit.session("gentoo")
  for (const [session, species] of [
    [adelie, "Adelie"],
    [gentoo, "Gentoo"],
  ] as const) {
    const count = await session.execute<number>("select", { table, species })
    const mass = await session.execute<number>("mean_mass")
    console.log(`${species}: ${count} penguins of ${mass.toFixed(0)} g on average`)
    assert.equal(mass, meanMass(species))
  }
  assert.equal(await adelie.execute("mean_mass"), meanMass("Adelie"))
}

/** Sessions can be made ahead of their first call, and remember what TypeScript wants to know of them. */
async function data(): Promise<void> {
  await using session = await pit.sessions.create("visitor", { data: { visits: 1 } })
  const info = await pit.sessions.update("visitor", ({ visits }) => ({ visits: Number(visits) + 1 }))
  console.log(`The visitor was here ${info.data.visits} times.`)
  assert.deepEqual((await pit.sessions.get("visitor"))?.data, { visits: 2 })
  await session.close()
  assert.equal(await pit.sessions.exists("visitor"), false)
}

/** A strict session stays with one worker. When that dies, `onLost` puts down again what it had kept; calls wait for it. */
async function lostWorker(): Promise<void> {
  const prepare = (session: Session) => session.execute<number>("select", { table, species: "Chinstrap" })
  await using chinstrap = pit.session("chinstrap", { affinity: "strict_queue", onLost: prepare })
  await prepare(chinstrap)
  const before = await chinstrap.execute<number>("process")
  await assert.rejects(chinstrap.execute("die"), WorkerCrashed)
  const mass = await chinstrap.execute<number>("mean_mass")
  const after = await chinstrap.execute<number>("process")
  console.log(`Chinstrap: ${mass.toFixed(0)} g, though process ${before} died and ${after} had to begin anew`)
  assert.equal(mass, meanMass("Chinstrap"))
  assert.notEqual(after, before)
}

/** A session ends by itself when it was not used for its time to live. */
async function timeToLive(): Promise<void> {
  let reason = "none"
  pit.on("snakepit.session.ended", ({ metadata }) => {
    reason = metadata.reason
  })
  await pit.sessions.create("short", { ttl: "50 millis" })
  await delay(60)
  assert.equal(await pit.sessions.exists("short"), false)
  console.log(`The short session has ${reason}.`)
  assert.equal(reason, "expired")
}

async function quota(): Promise<void> {
  for (const id of ["a", "b", "c"]) await pit.sessions.create(id)
  await assert.rejects(pit.sessions.create("d"), SessionQuotaExceeded)
  const { sessions, max } = pit.sessions.stats()
  console.log(`${sessions} of ${max} sessions live: ${(await pit.sessions.list()).join(", ")}`)
  for (const id of await pit.sessions.list()) await pit.sessions.delete(id)
  assert.deepEqual(await pit.sessions.list(), [])
}

function meanMass(species: string): number {
  const rows: { Species: string; "Body Mass (g)": number | null }[] = JSON.parse(readFileSync(table, "utf8"))
  const masses = rows.filter((row) => row.Species === species).flatMap((row) => row["Body Mass (g)"] ?? [])
  return masses.reduce((sum, mass) => sum + mass, 0) / masses.length
}
