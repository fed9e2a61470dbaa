import { Tensor } from "@snakepit/core"
import { defaultLimits, type SharedMemory } from "@snakepit/core/transport"
import { json } from "@snakepit/transport-json"
import { msgpack } from "@snakepit/transport-msgpack"
import { describe, expect, test } from "vitest"
import {
  collectGarbage,
  connected,
  laneTo,
  makeProbe,
  mebibyte,
  memory,
  openFiles,
  settled,
  untilCollected,
} from "./support.js"

/** What says where an attachment is takes less; the attachment itself would take far more. */
const few = 1000

/** Bytes that are unlike others. */
function bytes(length: number, seed: number): Uint8Array {
  const data = new Uint8Array(length)
  for (let at = 0; at < length; at += 4096) data[at] = seed + at / 4096
  data[length - 1] = seed
  return data
}

describe.each([json, msgpack])("over $name", (transport) => {
  test("what is large travels in segments as soon as the peer has opened one [SM-2] [SM-3] [SM-4] [SM-5]", async () => {
    for (const [near, far] of [await connected(transport()), (await connected(transport())).toReversed()]) {
      if (near === undefined || far === undefined) throw new Error("two ends")
      expect(await near.send(1, bytes(mebibyte, 1))).toBeGreaterThan(mebibyte)
      expectSame(await far.value(), bytes(mebibyte, 1))
      await settled(near, far)
      const tensor = Tensor.from(new Float64Array(bytes(mebibyte, 2).buffer), [mebibyte / 16, 2])
      expect(await near.send(2, { tensor, small: bytes(100, 3) })).toBeLessThan(few)
      const { tensor: received, small } = Object(await far.value())
      expect(received).toMatchObject({ dtype: "float64", shape: [mebibyte / 16, 2] })
      expectSame(received.bytes, tensor.bytes)
      expectSame(small, bytes(100, 3))
      expect(await near.send(3, bytes(mebibyte - 1, 4))).toBeGreaterThan(mebibyte - 2)
      expectSame(await far.value(), bytes(mebibyte - 1, 4))
    }
  })

  test("the sender may change its memory as soon as it has sent [SM-3]", async () => {
    const [near, far] = await connected(transport())
    await near.send(1, bytes(mebibyte, 1))
    await far.value()
    await settled(near, far)
    const mine = bytes(mebibyte, 2)
    expect(await near.send(2, mine)).toBeLessThan(few)
    mine.fill(0)
    expectSame(await far.value(), bytes(mebibyte, 2))
  })

  test("a segment is written to again when the last part of the value in it is dead [SM-6]", async () => {
    const [near, far] = await connected(transport(), limited(2))
    const kept: Uint8Array[] = []
    for (let id = 1; kept.length < 2; id++) {
      const sent = await near.send(id, bytes(mebibyte, 1))
      const value = part(await far.value())
      if (sent < few) kept.push(value)
    }
    collectGarbage()
    expect(await near.send(10, bytes(mebibyte, 10))).toBeGreaterThan(mebibyte)
    await far.value()
    for (const value of kept) expectSame(value, bytes(mebibyte, 1).subarray(4096))
    kept.length = 0
    for (let id = 11; (await near.send(id, bytes(mebibyte, id))) > few; id++) {
      expectSame(await far.value(), bytes(mebibyte, id))
      collectGarbage()
    }
  })

  test("whoever keeps many values gets copies, so that segments stay free [SM-6]", async () => {
    const [near, far] = await connected(transport())
    const kept: unknown[] = []
    for (let id = 1; kept.length < 12; id++) {
      const sent = await near.send(id, bytes(mebibyte, kept.length))
      const value = await far.value()
      if (sent < few) kept.push(value)
    }
    for (const [index, value] of kept.entries()) expectSame(value, bytes(mebibyte, index))
  })

  test("what does not fit travels on the socket [SM-9]", async () => {
    const [near, far] = await connected(transport(), limited(1))
    await near.send(1, bytes(mebibyte, 1))
    await far.value()
    await settled(near, far)
    const both = [bytes(mebibyte, 2), bytes(mebibyte, 3)]
    const sent = await near.send(2, both)
    expect(sent).toBeGreaterThan(mebibyte)
    expect(sent).toBeLessThan(2 * mebibyte)
    for (const [index, value] of Object.entries((await far.value()) ?? {}))
      expectSame(value, both[Number(index)])
  })

  test("a frame that cannot be sent leaves its segment free [SM-6]", async () => {
    const [near, far] = await connected(transport(), limited(1))
    await near.send(1, bytes(mebibyte, 1))
    await far.value()
    await settled(near, far)
    const tooLong = "x".repeat(defaultLimits.maxFrameBytes)
    await expect(near.send(2, [bytes(mebibyte, 2), tooLong])).rejects.toThrow(/maxFrameBytes/)
    expect(await near.send(3, bytes(mebibyte, 3))).toBeLessThan(few)
    expectSame(await far.value(), bytes(mebibyte, 3))
  })

  test("values outlive the connection, and nothing else does [SM-10]", async () => {
    const shared = counted()
    const [near, far] = await connected(transport(), shared)
    await near.send(1, bytes(mebibyte, 1))
    await far.value()
    await settled(near, far)
    expect(await near.send(2, bytes(mebibyte, 2))).toBeLessThan(few)
    const kept = [await far.value()]
    const ends = [near, far].map(({ channel }) => new Promise((resolve) => channel.onClosed(resolve)))
    near.channel.close()
    await Promise.all(ends)
    expect(openFiles()).toEqual([])
    expect(shared.mapped()).toBe(1)
    expectSame(kept[0], bytes(mebibyte, 2))
    kept.length = 0
    await untilCollected(() => shared.mapped() === 0)
  })
})

test("a value whose connection is long forgotten gives its memory back, too [SM-10]", async () => {
  const shared = counted()
  const kept = [takenFromClosedLane(shared)]
  collectGarbage()
  expect(shared.mapped()).toBe(1)
  kept.length = 0
  await untilCollected(() => shared.mapped() === 0)
})

/** Nothing but the value refers to what is left of the lane. */
function takenFromClosedLane(shared: SharedMemory): Uint8Array {
  const lane = laneTo(makeProbe().offer, shared)
  if (lane === undefined) throw new Error("no lane")
  const file = memory().create(mebibyte)
  lane.receive({ type: "segment", segment: 1, fd: file.fd, capacity: mebibyte })
  const value = lane.take({ segment: 1, bytes: 3 })
  lane.close()
  file.close()
  return value
}

/** `toEqual` takes its time over a million numbers. */
function expectSame(value: unknown, expected: Uint8Array | undefined): void {
  if (!(value instanceof Uint8Array) || expected === undefined) throw new Error("no bytes")
  expect(Buffer.compare(value, expected)).toBe(0)
}

const part = (value: unknown): Uint8Array => {
  if (!(value instanceof Uint8Array)) throw new Error("no bytes")
  return value.subarray(4096)
}

/** Has memory for no more segments than so many. */
function limited(segments: number): SharedMemory {
  const shared = memory()
  const probes = 3
  let left = probes + segments
  return {
    ...shared,
    create(size) {
      if (left === 0) throw new Error("no more")
      left -= 1
      return shared.create(size)
    },
  }
}

/** Knows how many of the peer's segments are in this memory. */
function counted(): SharedMemory & { mapped(): number } {
  const shared = memory()
  let mapped = 0
  return {
    ...shared,
    mapped: () => mapped,
    open(path, size) {
      const mapping = shared.open(path, size)
      mapped += 1
      return {
        ...mapping,
        close() {
          mapped -= 1
          mapping.close()
        },
      }
    },
  }
}
