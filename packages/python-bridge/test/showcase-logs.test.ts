import { appendFile, rename, writeFile } from "node:fs/promises"
import { Snakepit } from "@snakepit/core"
import { python } from "@snakepit/python-bridge"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { config, errorOf, until } from "./helpers.js"
import { file, streamed } from "./showcase.js"

let pit: Snakepit
beforeAll(async () => {
  pit = await Snakepit.start(config("", { size: 2 }, { adapter: python() }))
})
afterAll(() => pit.close())

describe("tail_and_analyze", () => {
  const patterns = ["ERROR", "FATAL", "OutOfMemoryError"]

  test("follows a log that grows and is rotated, until it is left", async () => {
    const log = await file("app.log", "starting\n2026-01-20T15:30:45 ERROR: Database connection failed\n")
    const tail = pit.stream<Record<string, unknown>>("tail_and_analyze", { log_path: log, patterns })
    const next = async () => (await tail.next()).value?.data
    expect(await next()).toEqual({
      line_number: 2,
      log_line: "2026-01-20T15:30:45 ERROR: Database connection failed",
      pattern_matched: "ERROR",
      severity: "ERROR",
      timestamp: "2026-01-20T15:30:45",
      context: ["starting"],
    })
    await appendFile(log, "all is well\nFATAL: OutOfMemory")
    await appendFile(log, "Error: Java heap space exceeded\n")
    const fatal = { line_number: 4, severity: "FATAL", timestamp: null }
    expect(await next()).toMatchObject({ ...fatal, pattern_matched: "FATAL" })
    expect(await next()).toMatchObject({ ...fatal, pattern_matched: "OutOfMemoryError" })
    await rename(log, `${log}.1`)
    await writeFile(log, "ERROR after the rotation\n")
    expect(await next()).toMatchObject({ line_number: 5, log_line: "ERROR after the rotation" })
    await tail.return?.()
    expect(await pit.execute("add", { a: 1, b: 2 })).toEqual({ result: 3 })
    await until(() => pit.stats().busy === 0)
    expect(pit.stats()).toMatchObject({ crashes: 0 })
  })

  test("is cancelled while the log is quiet", async () => {
    const log = await file("app.log", "ERROR\n")
    const abort = new AbortController()
    const args = { log_path: log, patterns }
    const tail = pit.stream("tail_and_analyze", args, { signal: abort.signal })
    await tail.next()
    const waiting = errorOf(tail.next())
    abort.abort()
    expect(await waiting).toMatchObject({ _tag: "CallCancelled" })
    expect(pit.stats()).toMatchObject({ crashes: 0 })
  })

  test("ends by itself after enough matches, or when nothing more comes", async () => {
    const log = await file("app.log", "ERROR 1\nERROR 2\nERROR 3\n")
    const { end } = await streamed(pit, "tail_and_analyze", { log_path: log, patterns, max_matches: 2 })
    const message = "Log analysis complete"
    expect(end).toEqual({ reason: "max_matches", lines: 2, matches: 2, message })
    const args = { log_path: log, patterns, idle_timeout_s: 0.01 }
    expect((await streamed(pit, "tail_and_analyze", args)).end).toEqual({
      reason: "idle",
      lines: 3,
      matches: 3,
      message,
    })
  })
})
