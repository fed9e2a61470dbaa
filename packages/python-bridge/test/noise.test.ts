import type { Snakepit } from "@snakepit/core"
import { describe, expect, test } from "vitest"
import { channels, collect, errorOf, Records, start } from "./helpers.js"

/** The worker has lost nothing: it answers, and everybody gets the own answer. */
async function expectSound(pit: Snakepit): Promise<void> {
  const texts = Array.from({ length: 20 }, (_, number) => `text ${number}`)
  const calls = texts.map((text) => pit.execute("write_everywhere", { text }))
  expect(await Promise.all(calls)).toEqual(texts)
  expect(pit.stats()).toMatchObject({ crashes: 0, busy: 0 })
}

describe.each(channels)("on %s, a tool disturbs nothing when it", (channel) => {
  const noise = (records = new Records()) =>
    start("noise:Noise", {}, { python: { channel }, logger: records.logger })

  test("prints 100,000 lines", async () => {
    const records = new Records()
    const pit = await noise(records)
    expect(await pit.execute("print_lines", { n: 100_000 })).toBe(100_000)
    expect(await pit.execute("print_lines", { n: 1 })).toBe(1)
    // Too many to pass on; how many were left out is told.
    const summary = await records.saying("lines dropped")
    const passed = records.all.filter(({ message }) => message.startsWith("line ")).length
    expect(passed).toBeGreaterThan(0)
    expect(passed).toBeLessThan(50_000)
    expect(Number(summary.message.replace(/\D/g, ""))).toBeGreaterThan(0)
    expect(pit.workers()[0]?.droppedLines).toBeGreaterThan(0)
    await expectSound(pit)
  })

  test("writes to descriptor 1 itself, from C, from a subprocess", async () => {
    const records = new Records()
    const pit = await noise(records)
    expect(await pit.execute("write_everywhere", { text: "mine" })).toBe("mine")
    for (const line of [
      "straight to descriptor 1: not a frame",
      "forged in C",
      "forged in a subprocess",
      "from a shell",
      "to its stderr",
      "through __stdout__",
      "to stderr",
    ]) {
      expect(await records.saying(line)).toMatchObject({ workerId: "default-1", pool: "default" })
    }
    await expectSound(pit)
  })

  test("reads stdin, or asks a question", async () => {
    const pit = await noise()
    const nothing = { read: "", line: "", bytes: new Uint8Array(), child: "0" }
    expect(await pit.execute("read_stdin")).toEqual(nothing)
    expect(await errorOf(pit.execute("ask"))).toMatchObject({ _tag: "ToolError", type: "EOFError" })
    await expectSound(pit)
  })

  test("prints between the chunks of a stream", async () => {
    const pit = await noise()
    const chunks = await collect(pit.stream<number>("print_while_streaming", { n: 500 }))
    expect(chunks.flatMap(({ isFinal, data }) => (isFinal ? [] : [data]))).toEqual([...Array(500).keys()])
    await expectSound(pit)
  })

  test("prints what is no text", async () => {
    const records = new Records()
    const pit = await noise(records)
    expect(await pit.execute("odd_text")).toBe("done")
    const cleared = await records.saying("cleared")
    for (const control of ["\u001b", "\u0007"]) expect(cleared.message).not.toContain(control)
    expect(await records.saying("not UTF-8")).toBeDefined()
    expect(await records.saying("a lone surrogate: \\ud800")).toBeDefined()
    await expectSound(pit)
  })

  test("closes stdout", async () => {
    const pit = await noise()
    expect(await pit.execute("close_stdout")).toBe("closed")
    expect(await pit.execute("read_stdin")).toMatchObject({ read: "" })
    expect(pit.stats()).toMatchObject({ crashes: 0 })
  })
})

test("every line arrives as a record with its level, its worker and its tool", async () => {
  const records = new Records()
  const pit = await start("noise:Noise", {}, { logger: records.logger })
  await pit.execute("speak")
  const worker = { workerId: "default-1", pool: "default" }
  // What is printed travels apart from frames, so the call may have ended when it arrives.
  expect(await records.saying("printed")).toMatchObject({ ...worker, level: "info", source: "stdout" })
  expect(await records.saying("complained")).toMatchObject({ ...worker, level: "warn", source: "stderr" })
  const logged = records.all.filter(({ source }) => source === "log")
  expect(logged).toEqual(
    [
      ["debug", "debug"],
      ["info", "info"],
      ["warn", "warning"],
      ["error", "error"],
      ["error", "critical"],
    ].map(([level, name]) => ({
      ...worker,
      level,
      source: "log",
      logger: "app.models",
      tool: "speak",
      message: `logged ${name}`,
    })),
  )
})
