import type { Socket } from "node:net"
import { createInterface } from "node:readline"
import type { CloseReason, OwnFile } from "@snakepit/core/transport"
import { json } from "@snakepit/transport-json"
import { describe, expect, onTestFinished, test } from "vitest"
import { type End, laneTo, makeProbe, mebibyte, memory, open, socketPair, until } from "./support.js"

type Fields = { readonly [name: string]: unknown }

/** A peer that speaks by hand, and is bound by no rule. */
class Peer {
  readonly said: Fields[] = []

  constructor(readonly socket: Socket) {
    createInterface({ input: socket }).on("line", (line) => this.said.push(JSON.parse(line)))
  }

  say(...frames: readonly Fields[]): void {
    for (const frame of frames) this.socket.write(`${JSON.stringify(frame)}\n`)
  }

  /** Announces a segment of its own, and waits until it is open. */
  async own(segment: number, capacity = mebibyte): Promise<OwnFile> {
    const file = memory().create(capacity)
    onTestFinished(() => file.close())
    this.say({ type: "segment", segment, fd: file.fd, capacity })
    await this.heard({ type: "release", segment })
    return file
  }

  async heard(frame: Fields): Promise<void> {
    const text = JSON.stringify(frame)
    await until(() => this.said.some((each) => JSON.stringify(each) === text))
  }
}

async function meet(): Promise<{ end: End; peer: Peer; closed: Promise<CloseReason> }> {
  const [near, far] = await socketPair()
  const peer = new Peer(far)
  const end = await open(json({ sharedMemory: memory() }), near, laneTo(makeProbe().offer))
  const closed = new Promise<CloseReason>((resolve) => end.channel.onClosed(resolve))
  return { end, peer, closed }
}

const release = (segment: number) => ({ type: "release", segment })
const inSegment = (id: number, segment: number, bytes = mebibyte) => ({
  type: "result",
  id,
  value: { $: "bytes", at: 0 },
  attach: [{ bytes, segment }],
})

describe("what is agreed on", () => {
  test("nothing without a probe, or where it does not hold what it should [SM-1]", () => {
    const { offer, file } = makeProbe()
    expect(laneTo(undefined)).toBeUndefined()
    expect(laneTo({ ...offer, nonce: "f".repeat(32) })).toBeUndefined()
    expect(laneTo({ ...offer, fd: 9999 })).toBeUndefined()
    expect(laneTo({ ...offer, pid: 2 ** 30 })).toBeUndefined()
    expect(laneTo(makeProbe(memory(), "0123456789abcdef".repeat(3)).offer)).toBeUndefined()
    const lane = laneTo(offer)
    expect(lane?.probe).toMatchObject({ pid: process.pid, nonce: expect.stringMatching(/^[0-9a-f]{32}$/) })
    lane?.close()
    file.close()
  })

  test("whoever could read the probe says so first, and waits for the same [SM-2]", async () => {
    const { end, peer } = await meet()
    await peer.heard(release(0))
    expect(end.channel.sharedMemory).toBe(false)
    end.channel.send({ type: "result", id: 1, value: new Uint8Array(mebibyte) })
    expect(peer.said.filter(({ type }) => type === "segment")).toEqual([])
    peer.say(release(0))
    await until(() => end.channel.sharedMemory === true)
  })
})

describe("segments of the peer", () => {
  test("are opened, written to again after their release, and forgotten [SM-4] [SM-6] [SM-7]", async () => {
    const { end, peer } = await meet()
    const file = await peer.own(1)
    file.bytes.fill(5)
    peer.say(inSegment(1, 1, 3))
    expect(await end.value()).toEqual(new Uint8Array([5, 5, 5]))
    await peer.own(2)
    peer.say({ type: "forget", segment: 2 }, { type: "forget", segment: 99 }, { type: "pong", nonce: 1 })
    await until(() => end.frames.length > 0)
  })

  test("one that cannot be opened is not answered, and harms nothing [SM-4] [SM-7]", async () => {
    const { end, peer } = await meet()
    peer.say({ type: "segment", segment: 1, fd: 9999, capacity: mebibyte })
    await peer.own(2)
    expect(peer.said.slice(1)).toEqual([release(2)])
    peer.say({ type: "forget", segment: 1 }, { type: "pong", nonce: 1 })
    await until(() => end.frames.length > 0)
  })

  test("one beyond the bounds is not answered either [SM-4] [SM-9]", async () => {
    const { peer } = await meet()
    for (let segment = 1; segment <= 8; segment++) await peer.own(segment)
    const file = memory().create(mebibyte)
    onTestFinished(() => file.close())
    peer.say({ type: "segment", segment: 9, fd: file.fd, capacity: mebibyte }, { type: "forget", segment: 1 })
    await peer.own(10)
    expect(peer.said).not.toContainEqual(release(9))
  })

  test.each([
    ["unknown", [inSegment(1, 7)], /segment 7/],
    ["in use", [inSegment(1, 1), inSegment(2, 1)], /segment 1/],
    ["too small", [inSegment(1, 1, mebibyte + 1)], /1048577 bytes cannot lie in segment 1/],
    ["announced twice", [{ type: "segment", segment: 1, fd: 9, capacity: 1 }], /segment 1 was announced/],
    ["released, but not used", [release(0), release(0)], /segment 0 was released/],
    ["unknown to its owner", [release(0), release(1)], /segment 1 was released/],
    ["forgotten in use", [inSegment(1, 1), { type: "forget", segment: 1 }], /segment 1 is in use/],
  ])("%s: a protocol error [SM-8]", async (_what, frames, message) => {
    const { end, peer, closed } = await meet()
    await peer.own(1)
    peer.say(...frames)
    expect(await closed).toMatchObject({ kind: "protocol", message: expect.stringMatching(message) })
    // Keeps what came alive until here.
    expect(end.frames.length).toBeLessThan(2)
  })

  test("an attachment in one is a protocol error where there is no shared memory [SM-8]", async () => {
    const [near, far] = await socketPair()
    const end = await open(json(), near)
    const closed = new Promise((resolve) => end.channel.onClosed(resolve))
    new Peer(far).say(inSegment(1, 1))
    expect(await closed).toMatchObject({ kind: "protocol", message: expect.stringMatching(/shared memory/) })
  })
})
