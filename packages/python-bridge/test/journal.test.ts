import { existsSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import type { Journal, Transport } from "@snakepit/core/transport"
import { json } from "@snakepit/transport-json"
import { msgpack } from "@snakepit/transport-msgpack"
import { describe, expect, test } from "vitest"
import { folder, start } from "./helpers.js"

/** A transport, and how many bytes its journals gave back in the end. */
function watched(transport: Transport): { transport: Transport; recovered: number[] } {
  const recovered: number[] = []
  const watch = (journal: Journal): Journal => ({
    finish(received) {
      const rest = journal.finish(received)
      recovered.push(rest.length)
      return rest
    },
  })
  const open: Transport["open"] = (io) =>
    transport.open({ ...io, journal: io.journal === undefined ? undefined : watch(io.journal) })
  return { transport: { ...transport, open }, recovered }
}

/** Elsewhere answers are written one by one. */
const hasJournal = existsSync("/proc/self/fd")

/** Journals of workers that this process has open. */
function openJournals(): number {
  const isJournal = (fd: string): boolean => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith("/memfd:snakepit-journal")
    } catch {
      return false
    }
  }
  return readdirSync("/proc/self/fd").filter(isJournal).length
}

test.runIf(hasJournal)("[JO-1] a start that fails keeps no journal open", async () => {
  let offered = 0
  const open: Transport["open"] = async () => {
    offered = openJournals()
    throw new Error("no carrier")
  }
  const transport = { ...json(), open }
  await expect(start("journaled:Journaled", {}, { transports: [transport] })).rejects.toThrow(/no carrier/)
  expect(offered).toBe(1)
  expect(openJournals()).toBe(0)
})

describe.each([json, msgpack])("over $name", (make) => {
  test.runIf(hasJournal)(
    "[JO-1] [JO-2] [JO-3] answers that were held when a worker died arrive, and nothing runs twice",
    async () => {
      const { transport, recovered } = watched(make())
      const notes = join(await folder(), "notes")
      const pit = await start("journaled:Journaled", {}, { transports: [transport] })
      // Only the answers of tools that were quick before are held.
      for (let n = 100; n < 103; n += 1) await pit.execute("step", { n, notes })
      const ids = Array.from({ length: 20 }, (_, n) => n)
      const outcomes = await Promise.allSettled(
        ids.map((n) => pit.execute("step", { n, notes, dies: n === 10 })),
      )

      const failed = outcomes.flatMap((outcome, n) =>
        outcome.status === "rejected" ? [[n, outcome.reason]] : [],
      )
      expect(failed).toMatchObject([[10, { _tag: "WorkerCrashed", signal: "SIGKILL", started: true }]])
      const ran = readFileSync(notes, "utf8").trim().split("\n").map(Number)
      expect(ran.filter((n) => n < 100).sort((a, b) => a - b)).toEqual(ids)
      expect(Math.max(...recovered)).toBeGreaterThan(0)
    },
  )

  test("[JO-4] an answer does not wait for a call that turns out to be long", async () => {
    const path = join(await folder(), "there")
    const pit = await start("journaled:Journaled", {}, { transports: [make()] })
    writeFileSync(path, "")
    for (let round = 0; round < 3; round += 1) await pit.execute("await_file", { path })
    const quick = pit.execute("await_file", { path })
    const long = pit.execute("await_file", { path: `${path}-later` })
    await quick
    writeFileSync(`${path}-later`, "")
    expect(await long).toBe(true)
  })
})
