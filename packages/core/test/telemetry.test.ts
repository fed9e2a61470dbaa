import { describe, expect, test, vi } from "vitest"
import { Emitter } from "../src/telemetry/emitter.js"
import type { LogRecord } from "../src/telemetry/events.js"
import { formatRecord, lowestLevel, makeLogger } from "../src/telemetry/logger.js"

const saturated = {
  measurements: { queueSize: 1, maxQueueSize: 1 },
  metadata: { pool: "p", availableWorkers: 0, busyWorkers: 1 },
}

describe("the emitter", () => {
  test("tells every listener, in order, until it is removed", () => {
    const emitter = new Emitter()
    const heard: string[] = []
    const remove = emitter.on("snakepit.pool.saturated", () => heard.push("first"))
    emitter.on("snakepit.pool.saturated", ({ name }) => heard.push(name))
    expect(emitter.wants("snakepit.pool.saturated")).toBe(true)
    expect(emitter.wants("snakepit.log")).toBe(false)
    emitter.emit("snakepit.pool.saturated", saturated.measurements, saturated.metadata)
    remove()
    emitter.emit("snakepit.pool.saturated", saturated.measurements, saturated.metadata)
    expect(heard).toEqual(["first", "snakepit.pool.saturated", "snakepit.pool.saturated"])
  })

  test("gives the next event once, and forgets about it", async () => {
    const emitter = new Emitter()
    const { signal } = new AbortController()
    const next = emitter.next("snakepit.pool.saturated", signal)
    emitter.emit("snakepit.pool.saturated", saturated.measurements, saturated.metadata)
    expect(await next).toEqual({ name: "snakepit.pool.saturated", ...saturated })
    expect(emitter.wants("snakepit.pool.saturated")).toBe(false)
  })

  test("stops waiting for an event when it is told to, before or meanwhile", async () => {
    const emitter = new Emitter()
    const leave = new AbortController()
    const waiting = emitter.next("snakepit.log", leave.signal)
    leave.abort(new RangeError("enough"))
    await expect(waiting).rejects.toThrow("enough")
    await expect(emitter.next("snakepit.log", leave.signal)).rejects.toThrow("enough")
    expect(emitter.wants("snakepit.log")).toBe(false)
  })

  test("does not let a listener that throws harm the others", () => {
    const errors: unknown[] = []
    const heard = vi.fn()
    const emitter = new Emitter((error) => errors.push(error))
    emitter.on("snakepit.pool.saturated", () => {
      throw new Error("mine")
    })
    emitter.on("snakepit.pool.saturated", heard)
    emitter.emit("snakepit.pool.saturated", saturated.measurements, saturated.metadata)
    expect(heard).toHaveBeenCalledOnce()
    expect(errors).toEqual([new Error("mine")])
  })
})

describe("the logger", () => {
  const record = (level: LogRecord["level"]): LogRecord => ({ level, message: `a ${level}`, source: "log" })

  test("writes to stderr from its level up", () => {
    const write = vi.spyOn(process.stderr, "write").mockReturnValue(true)
    const log = makeLogger("warn")
    for (const level of ["debug", "info", "warn", "error"] as const) log(record(level))
    const lines = write.mock.calls.map(([line]) => line)
    write.mockRestore()
    expect(lines).toEqual(["[snakepit] warn a warn\n", "[snakepit] error a error\n"])
  })

  test("may be a function, or nothing", () => {
    const heard: LogRecord[] = []
    makeLogger((each) => heard.push(each))(record("debug"))
    expect(heard).toEqual([record("debug")])
    const write = vi.spyOn(process.stderr, "write").mockReturnValue(true)
    makeLogger(false)(record("error"))
    expect(write).not.toHaveBeenCalled()
    write.mockRestore()
  })

  test("says who spoke", () => {
    const origin = { workerId: "default-1", pool: "default", tool: "train", logger: "numpy" }
    expect(formatRecord({ ...record("info"), ...origin })).toBe("[default-1 train] info numpy: a info")
  })

  test("asks workers for no more than somebody may want", () => {
    expect([lowestLevel("warn"), lowestLevel(false), lowestLevel(() => {})]).toEqual([
      "warn",
      "info",
      "debug",
    ])
  })
})
