import { closeSync, ftruncateSync, mkdtempSync, openSync, readdirSync, rmSync, writeSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { PassThrough } from "node:stream"
import { expect, onTestFinished, test } from "vitest"
import { ByteChannel, defaultLimits, type Frame, type Hello, jsonCodec } from "../../src/transport/index.js"
import { openJournal } from "../../src/worker/journal.js"
import { closed, hello, pong } from "../transport/support.js"

const nonce = "0123456789abcdef0123456789abcdef"
const onLinux = test.runIf(process.platform === "linux")

/** The hello of a process with a journal: this one. */
function keep(text: string, start: number, length = Buffer.byteLength(text)): Hello {
  const folder = mkdtempSync(join(tmpdir(), "snakepit-"))
  const fd = openSync(join(folder, "journal"), "w+")
  onTestFinished(() => {
    closeSync(fd)
    rmSync(folder, { recursive: true })
  })
  const header = new BigUint64Array([BigInt(start), BigInt(length)])
  writeSync(fd, Buffer.concat([Buffer.from(nonce), new Uint8Array(header.buffer), Buffer.from(text)]))
  return { ...hello, pid: process.pid, journal: { fd, nonce } }
}

const descriptors = (): number => readdirSync("/proc/self/fd").length

onLinux.each([
  ["nothing of it has come", 100, "one\ntwo\n"],
  ["a part has come", 103, "\ntwo\n"],
  ["all of it has come", 108, ""],
  ["more has come", 200, ""],
])("[JO-2] [JO-3] %s", (_, received, rest) => {
  const journal = openJournal(keep("one\ntwo\n", 100))
  expect(journal?.finish(received).toString()).toBe(rest)
  expect(journal?.finish(received)).toHaveLength(0)
})

onLinux.each([
  ["a gap before it", 99, 8],
  ["a length that cannot be", 100, 2 ** 40],
])("%s: it is not read", (_, received, length) => {
  expect(openJournal(keep("one\ntwo\n", 100, length))?.finish(received)).toHaveLength(0)
})

onLinux("one that its worker has cut off gives nothing, and harms nothing", () => {
  const named = keep("one\n", 0)
  const journal = openJournal(named)
  ftruncateSync(named.journal?.fd ?? -1, nonce.length + 1)
  expect(journal?.finish(0)).toHaveLength(0)
})

onLinux("[JO-1] what is not the journal is left alone, and stays open nowhere", () => {
  const named = keep("one\n", 0)
  const before = descriptors()
  const other = { fd: named.journal?.fd ?? 0, nonce: nonce.replaceAll("0", "1") }
  expect(openJournal({ ...named, journal: other })).toBeUndefined()
  expect(openJournal({ ...named, journal: { fd: 999_999, nonce } })).toBeUndefined()
  expect(openJournal({ ...named, pid: null })).toBeUndefined()
  expect(openJournal({ ...hello, pid: process.pid })).toBeUndefined()
  openJournal(named)?.finish(0)
  expect(descriptors()).toBe(before)
})

onLinux("[JO-3] a channel whose stream ends goes on in the journal", async () => {
  const { frames, channel, stream } = opened('{"type":"pong","nonce":2}\n{"type":"pong","nonce":3}\n', 26)
  stream.end('{"type":"pong","nonce":1}\n{"type":"pong","nonce":2}')
  expect(await closed(channel)).toEqual({ kind: "eof" })
  expect(frames).toEqual([1, 2, 3].map(pong))
})

onLinux("[JO-3] also one whose stream fails", async () => {
  const { frames, channel, stream } = opened('{"type":"pong","nonce":2}\n', 26)
  stream.write('{"type":"pong","nonce":1}\n')
  await new Promise(setImmediate)
  stream.destroy(new Error("torn"))
  expect(await closed(channel)).toEqual({ kind: "io", message: "torn" })
  expect(frames).toEqual([1, 2].map(pong))
})

function opened(text: string, start: number) {
  const stream = new PassThrough()
  const journal = openJournal(keep(text, start))
  const codec = jsonCodec({ limits: defaultLimits, attachments: true })
  const channel = new ByteChannel(stream, codec, { journal })
  const frames: Frame[] = []
  channel.onFrames((batch) => frames.push(...batch))
  return { frames, channel, stream }
}
