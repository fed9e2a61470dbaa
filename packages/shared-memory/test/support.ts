import { once } from "node:events"
import { readdirSync, readlinkSync } from "node:fs"
import { mkdtemp, rm } from "node:fs/promises"
import { connect, createServer, type Socket } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setImmediate } from "node:timers/promises"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import {
  defaultLimits,
  type Frame,
  type FrameChannel,
  type Hello,
  openLane,
  type SharedLane,
  type SharedMemory,
  type Transport,
} from "@snakepit/core/transport"
import { onTestFinished } from "vitest"
import { sharedMemory } from "../src/index.js"

export const mebibyte = 1024 * 1024

/** For tests that run on Linux alone. */
export function memory(): SharedMemory {
  const shared = sharedMemory()
  if (shared === undefined) throw new Error("there is no shared memory here")
  return shared
}

/** Two ends of a real connection. */
export async function socketPair(): Promise<readonly [Socket, Socket]> {
  const folder = await mkdtemp(join(tmpdir(), "snakepit-shared-"))
  const server = createServer().listen(join(folder, "socket"))
  const arrival = once(server, "connection")
  const near = connect(join(folder, "socket"))
  const [far] = await arrival
  server.close()
  await rm(folder, { recursive: true })
  onTestFinished(() => {
    near.destroy()
    far.destroy()
  })
  return [near, far]
}

const hello: Hello = {
  transport: "json",
  address: null,
  token: null,
  pid: null,
  runtime: null,
  bridge: null,
  features: new Set(["attachments"]),
  concurrency: 1,
  tools: null,
  skipped: [],
}

/** A probe as a worker of this very process would have it. */
export function makeProbe(shared: SharedMemory = memory(), nonce = "0123456789abcdef".repeat(2)) {
  const file = shared.create(nonce.length)
  file.bytes.set(Buffer.from(nonce))
  onTestFinished(() => file.hide())
  return { file, offer: { pid: process.pid, fd: file.fd, nonce } }
}

export type Offer = Hello["sharedMemory"]

export function laneTo(peer: Offer, shared: SharedMemory = memory()): SharedLane | undefined {
  return openLane(shared, { ...hello, sharedMemory: peer })
}

/** One end of a connection, with what it has received. */
export class End {
  readonly frames: Frame[] = []
  #wake = (): void => {}

  constructor(
    readonly channel: FrameChannel,
    readonly socket: Socket,
  ) {
    channel.onFrames((batch) => {
      this.frames.push(...batch)
      this.#wake()
    })
  }

  /** The value of the oldest result that nobody has taken. */
  async value(): Promise<unknown> {
    while (this.frames.length === 0) await new Promise<void>((resolve) => (this.#wake = resolve))
    const frame = this.frames.shift()
    if (frame?.type !== "result") throw new Error(`not a result: ${frame?.type}`)
    return frame.value
  }

  /** @returns how many bytes went through the socket for it. */
  async send(id: number, value: unknown): Promise<number> {
    const before = this.socket.bytesWritten
    this.channel.send({ type: "result", id, value })
    await setImmediate()
    return this.socket.bytesWritten - before
  }
}

/** Returns when the sender knows all that the receiver has said until now. */
export async function settled(sender: End, receiver: End): Promise<void> {
  receiver.channel.send({ type: "pong", nonce: 1 })
  await until(() => sender.frames.length > 0)
  sender.frames.length = 0
}

export async function open(transport: Transport, socket: Socket, lane?: SharedLane): Promise<End> {
  const signal = new AbortController().signal
  const channel = await transport.open({ stream: socket, hello, limits: defaultLimits, signal, lane })
  return new End(channel, socket)
}

/** Two ends that share memory, or would if `shared` had its way. */
export async function connected(transport: Transport, shared = memory()): Promise<readonly [End, End]> {
  const [near, far] = await socketPair()
  const probe = makeProbe(shared)
  const nearLane = laneTo(probe.offer, shared)
  const farLane = laneTo(nearLane?.probe, shared)
  const ends = [await open(transport, near, nearLane), await open(transport, far, farLane)] as const
  await until(() => ends.every(({ channel }) => channel.sharedMemory === true))
  probe.file.close()
  return ends
}

setFlagsFromString("--expose-gc")
export const collectGarbage: () => void = runInNewContext("gc")

/** Waits for something that only the event loop, or the end of a value, can bring about. */
export async function until(happened: () => boolean, step: () => void = () => {}): Promise<void> {
  while (!happened()) {
    step()
    await setImmediate()
  }
}

/** The same, where values must die for it. */
export const untilCollected = (happened: () => boolean): Promise<void> => until(happened, collectGarbage)

/** Files in memory that this process has open. */
export function openFiles(): readonly string[] {
  return readdirSync("/proc/self/fd").flatMap((fd) => {
    try {
      const path = readlinkSync(`/proc/self/fd/${fd}`)
      return path.startsWith("/memfd:snakepit") ? [path] : []
    } catch {
      return []
    }
  })
}
