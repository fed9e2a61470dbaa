import { EventEmitter, once } from "node:events"
import { describe, expect, test } from "vitest"
import { maxLineBytes } from "../../src/process/line-splitter.js"
import { maxLinesPerSecond } from "../../src/process/output.js"
import { python, start } from "./helpers.js"

describe("what a worker prints", () => {
  test("R1 becomes lines, from Python, C and a subprocess, on both streams", async () => {
    const script = `
import ctypes, os, sys
print("from python")
ctypes.CDLL(None).puts(b"from C"); ctypes.CDLL(None).fflush(None)
os.system("echo from a subprocess")
print("from stderr", file=sys.stderr)
os.write(1, b"caf\\xc3"); os.write(1, b"\\xa9 without end")
os.write(3, b"frame")
`
    const { worker, lines } = await start(python(script))
    await worker.drained
    const texts = (stream: string) => lines.filter((line) => line.stream === stream).map((line) => line.text)
    expect(texts("stdout")).toEqual(["from python", "from C", "from a subprocess", "café without end"])
    expect(texts("stderr")).toEqual(["from stderr"])
    expect(worker.channel.read()?.toString()).toBe("frame")
  })

  test("R2 P22 in a flood is counted, and does not block the worker", async () => {
    const script = `
import os
for index in range(100000): os.write(1, b"line %d\\n" % index)
`
    const { worker, lines } = await start(python(script))
    expect(await worker.exited).toEqual({ code: 0, signal: null })
    await worker.drained
    const passed = lines.filter((line) => line.text.startsWith("line ")).length
    expect(passed).toBeGreaterThanOrEqual(maxLinesPerSecond)
    expect(worker.droppedLines).toBe(100_000 - passed)
    expect(worker.droppedLines).toBeGreaterThan(0)
    const summed = lines
      .filter((line) => line.text.startsWith("… "))
      .reduce((sum, line) => sum + Number(line.text.replace(/\D/g, "")), 0)
    expect(summed).toBe(worker.droppedLines)
  })

  test("R2 is summarised when the flood ends, while the worker lives on", async () => {
    const script = `
import os
os.write(1, b"x\\n" * 5000)
while os.read(3, 1): pass
`
    const told = new EventEmitter()
    const summary = once(told, "… 4,000 lines dropped")
    const { worker } = await start(python(script), (line) => told.emit(line.text, line.stream))
    expect(await summary).toEqual(["stdout"])
    expect(worker.exitInfo).toBeUndefined()
  })

  test("R2 without a line break takes no memory", async () => {
    const script = `
import os
for _ in range(1000): os.write(1, b"y" * 65536)
`
    const { worker, lines } = await start(python(script))
    await worker.drained
    expect(lines.map((line) => line.text.length)).toEqual([maxLineBytes + 1])
  })

  test("S7 cannot pose as something else", async () => {
    const script = `import os; os.write(2, b"\\x1b[2J\\x1b[31mred\\x1b[0m\\rfake\\x00\\x9b\\tend\\n")`
    const { worker, lines } = await start(python(script))
    await worker.drained
    expect(lines).toEqual([{ stream: "stderr", text: "red\\rfake\\x00\uFFFD\tend" }])
    expect(worker.stderrTail()).toBe("red\\rfake\\x00\uFFFD\tend")
  })

  test("P6 on stderr is kept for an error message, the last of it", async () => {
    const script = `
import os
os.write(2, b"".join(b"line %d\\n" % index for index in range(5000)))
os._exit(1)
`
    const { worker } = await start(python(script))
    await worker.exited
    await worker.drained
    const tail = worker.stderrTail().split("\n")
    expect(tail.at(-1)).toBe("line 4999")
    expect(tail[0]).toMatch(/^line \d+$/)
    expect(worker.stderrTail().length).toBeGreaterThan(8000)
    expect(worker.stderrTail().length).toBeLessThanOrEqual(8192)
  })

  test("on a stdio channel is only what comes on stderr", async () => {
    const script = "import os; os.write(1, b'frame'); os.write(2, b'log')"
    const { worker, lines } = await start(python(script, { channel: "stdio" }))
    await worker.drained
    expect(lines).toEqual([{ stream: "stderr", text: "log" }])
  })
})
