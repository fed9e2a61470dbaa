import { spawn } from "node:child_process"
import { once } from "node:events"
import { Duplex } from "node:stream"
import { type Contestant, openEach, type Session } from "../contestant.js"
import { helper } from "../python.js"
import { AnswerQueue } from "./answer-queue.js"
import { FrameReader } from "./raw-frames.js"

const headerBytes = 5
const kinds = { echo: 0, count: 1, pid: 2 } as const

// What Snakepit sends for a tiny call, so that both move the same number of bytes.
const tinyCall = Buffer.from(
  '{"type":"call","id":000000,"tool":"echo","args":{"value":000000},"deadlineMs":30000}',
)
const valueAt = tinyCall.lastIndexOf("000000}")
const valueDigits = 6

/** The floor: frames of bytes over a socket to a blocking Python loop, with no codec, pool, deadline or error. */
export const rawPipe: Contestant = {
  name: "raw-pipe",
  open: ({ python, workers }) => openEach(workers, () => openOne(python)),
}

async function openOne(python: string): Promise<Session> {
  const child = spawn(python, [helper("raw_pipe.py")], { stdio: ["ignore", "inherit", "inherit", "pipe"] })
  await once(child, "spawn")
  const socket = child.stdio[3]
  if (!(socket instanceof Duplex)) throw new Error("descriptor 3 of the raw worker is not a socket")
  const pipe = new RawPipe(socket)
  const gone = once(child, "exit")
  return {
    echo: async (value) => readValue(await pipe.request(kinds.echo, writeValue(value))),
    echoBytes: (data) => pipe.request(kinds.echo, data),
    count: (n, onItem) => pipe.count(n, onItem),
    pids: async () => [Number((await pipe.request(kinds.pid, Buffer.alloc(0))).toString("latin1"))],
    close: async () => {
      socket.destroy()
      await gone
    },
  }
}

function writeValue(value: number): Buffer {
  const payload = Buffer.from(tinyCall)
  payload.write(String(value).padStart(valueDigits, "0"), valueAt, "latin1")
  return payload
}

function readValue(payload: Buffer): number {
  if (payload.length !== tinyCall.length) throw new Error(`wrong answer of ${payload.length} bytes`)
  return Number(payload.toString("latin1", valueAt, valueAt + valueDigits))
}

/** A chunk ends in its value and a brace. */
const readChunk = (payload: Buffer): number =>
  Number(payload.toString("latin1", payload.length - valueDigits - 1, payload.length - 1))

class RawPipe {
  readonly #answers = new AnswerQueue<Buffer>()
  #corked = false

  constructor(readonly socket: Duplex) {
    const reader = new FrameReader(headerBytes, (payload) => this.#answers.accept(payload))
    socket.on("data", (data: Buffer) => reader.push(data))
    socket.on("error", (error) => this.#answers.fail(error))
    socket.on("close", () => this.#answers.fail(new Error("the raw worker is gone")))
  }

  request(kind: number, payload: Uint8Array): Promise<Buffer> {
    this.#send(kind, payload)
    return this.#answers.one()
  }

  count(n: number, onItem: (value: number) => void): Promise<void> {
    this.#send(kinds.count, Buffer.from(String(n)))
    return this.#answers.many(n, (chunk) => onItem(readChunk(chunk)))
  }

  #send(kind: number, payload: Uint8Array): void {
    const header = Buffer.allocUnsafe(headerBytes)
    header.writeUInt32LE(payload.length, 0)
    header[4] = kind
    this.#corkForThisTick()
    this.socket.write(header)
    this.socket.write(payload)
  }

  /** Everything sent in one tick leaves in one system call, as Snakepit's frames do. */
  #corkForThisTick(): void {
    if (this.#corked) return
    this.#corked = true
    this.socket.cork()
    process.nextTick(() => {
      this.#corked = false
      this.socket.uncork()
    })
  }
}
