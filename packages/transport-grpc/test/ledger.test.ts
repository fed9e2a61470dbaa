import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { endianness, tmpdir } from "node:os"
import { join } from "node:path"
import { PassThrough } from "node:stream"
import { describe, expect, onTestFinished, test } from "vitest"
import { firstLine } from "../src/first-line.js"
import { Ledger } from "../src/ledger.js"

function idBytes(id: number): Buffer {
  const bytes = Buffer.alloc(8)
  if (endianness() === "LE") bytes.writeBigUInt64LE(BigInt(id))
  else bytes.writeBigUInt64BE(BigInt(id))
  return bytes
}

test("[GR-4] the ledger tells the newest id, also when it is taken away", () => {
  const folder = mkdtempSync(join(tmpdir(), "snakepit-test-"))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const path = join(folder, "started")
  writeFileSync(path, idBytes(0))
  const ledger = new Ledger(path)
  expect(ledger.newest).toBe(0)
  for (const id of [1, 255, 2 ** 32, Number.MAX_SAFE_INTEGER]) {
    writeFileSync(path, idBytes(id))
    expect(ledger.newest).toBe(id)
  }
  rmSync(path)
  ledger.close()
  expect(ledger.newest).toBe(Number.MAX_SAFE_INTEGER)
})

test("a ledger that is not there is an error that names it", () => {
  expect(() => new Ledger("/nonexistent/started")).toThrow("/nonexistent/started")
})

describe("the first line of a stream", () => {
  test.each<[string, readonly string[], string]>([
    ["in one piece", ['"/tmp/a"\n'], '"/tmp/a"'],
    ["in several", ['"/t', "mp/ż", '"', "\n"], '"/tmp/ż"'],
    ["with more behind it", ['"/tmp/a"\nmore\n', "and more"], '"/tmp/a"'],
  ])("%s", async (_, chunks, line) => {
    const stream = new PassThrough()
    stream.pause()
    for (const chunk of chunks) stream.write(chunk)
    expect(await firstLine(stream)).toBe(line)
    // It is read on, so that its end is seen.
    const ended = new Promise((resolve) => stream.once("end", resolve))
    stream.end("x".repeat(100_000))
    await ended
  })

  test("that never ends is not waited for", async () => {
    const endless = new PassThrough()
    const read = firstLine(endless)
    endless.write("x".repeat(65_537))
    await expect(read).rejects.toThrow("does not end")
    const closed = new PassThrough()
    closed.end("no newline")
    await expect(firstLine(closed)).rejects.toThrow("closed")
  })
})
