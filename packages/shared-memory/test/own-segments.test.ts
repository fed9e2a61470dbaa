import type { Frame, SharedLane, SharedMemory } from "@snakepit/core/transport"
import { afterEach, expect, test, vi } from "vitest"
import { laneTo, makeProbe, mebibyte, memory, openFiles } from "./support.js"

/** A lane whose peer can open everything. @returns it, and what it says. */
function usable(shared: SharedMemory = memory()): { lane: SharedLane; said: Frame[] } {
  const probe = makeProbe()
  const lane = laneTo(probe.offer, shared)
  if (lane === undefined) throw new Error("no lane")
  probe.file.close()
  const said: Frame[] = []
  lane.start((frame) => said.push(frame))
  lane.receive({ type: "release", segment: 0 })
  said.length = 0
  return { lane, said }
}

/** Large memory that nobody touches costs nothing. */
const untouched: SharedMemory = {
  create: (bytes) =>
    bytes < mebibyte
      ? memory().create(bytes)
      : { fd: 1, bytes: new Uint8Array(bytes), hide: () => {}, close: () => {} },
  open: () => {
    throw new Error("nothing is opened here")
  },
}

const segment = (id: number, capacity: number) => ({
  type: "segment",
  segment: id,
  fd: expect.any(Number),
  capacity,
})

/** Makes the lane prepare a segment for so many bytes, and opens it as the peer would. */
function prepare(lane: SharedLane, said: readonly Frame[], bytes: number): void {
  const before = said.length
  expect(lane.place([new Uint8Array(bytes)])).toBeUndefined()
  const last = said.at(-1)
  if (said.length > before && last?.type === "segment")
    lane.receive({ type: "release", segment: last.segment })
}

afterEach(() => {
  vi.useRealTimers()
})

test("sizes are powers of two up to 16 MiB, then multiples of it [SM-9]", () => {
  const { lane, said } = usable(untouched)
  for (const bytes of [mebibyte, mebibyte + 1, 9 * mebibyte, 16 * mebibyte + 1, 1e8])
    prepare(lane, said, bytes)
  expect(said).toEqual([
    segment(1, mebibyte),
    segment(2, 2 * mebibyte),
    segment(3, 16 * mebibyte),
    segment(4, 32 * mebibyte),
    segment(5, 96 * mebibyte),
  ])
  lane.close()
})

test("one is prepared at a time, and used when the peer has opened it [SM-4]", () => {
  const { lane, said } = usable()
  const value = new Uint8Array(mebibyte)
  for (let times = 0; times < 3; times++) expect(lane.place([value, value])).toBeUndefined()
  expect(said).toEqual([segment(1, mebibyte)])
  expect(openFiles()).toHaveLength(1)
  lane.receive({ type: "release", segment: 1 })
  expect(openFiles()).toHaveLength(0)
  expect(lane.place([value, new Uint8Array(3)])).toEqual([{ bytes: mebibyte, segment: 1 }, 3])
  lane.close()
})

test("at most 8, of which the smallest that fits is taken [SM-9]", () => {
  const { lane, said } = usable()
  for (let bytes = 1; bytes <= 8; bytes *= 2) prepare(lane, said, bytes * mebibyte)
  const value = new Uint8Array(mebibyte)
  const placed = [1, 2, 3, 4].map(() => lane.place([value])?.[0])
  expect(placed).toEqual([1, 2, 3, 4].map((id) => ({ bytes: mebibyte, segment: id })))
  for (let more = 5; more <= 12; more++) {
    prepare(lane, said, mebibyte)
    lane.place([value])
  }
  expect(said).toHaveLength(8)
  expect(lane.place([value])).toBeUndefined()
  lane.receive({ type: "release", segment: 6 })
  expect(lane.place([value])).toEqual([{ bytes: mebibyte, segment: 6 }])
  lane.close()
})

test("at most 512 MiB: what was not used for longest makes room, what is in use stays [SM-7] [SM-9]", () => {
  const { lane, said } = usable(untouched)
  prepare(lane, said, mebibyte)
  prepare(lane, said, 2 * mebibyte)
  lane.place([new Uint8Array(mebibyte)])
  prepare(lane, said, 496 * mebibyte)
  expect(said.at(-1)).toEqual(segment(3, 496 * mebibyte))
  prepare(lane, said, 497 * mebibyte)
  expect(said).toHaveLength(3)
  prepare(lane, said, 500 * mebibyte)
  expect(said).toHaveLength(3)
  lane.receive({ type: "release", segment: 1 })
  prepare(lane, said, 512 * mebibyte)
  expect(said.slice(3)).toEqual([
    { type: "forget", segment: 2 },
    { type: "forget", segment: 3 },
    { type: "forget", segment: 1 },
    segment(4, 512 * mebibyte),
  ])
  prepare(lane, said, 513 * mebibyte)
  expect(said).toHaveLength(7)
  lane.close()
})

test("one that was not used for 30 s is freed; one that is in use is not [SM-7]", () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "performance"] })
  const { lane, said } = usable()
  prepare(lane, said, mebibyte)
  prepare(lane, said, 2 * mebibyte)
  expect(lane.place([new Uint8Array(mebibyte)])).toBeDefined()
  vi.advanceTimersByTime(29_999)
  expect(said).toHaveLength(2)
  vi.advanceTimersByTime(60_001)
  expect(said.slice(2)).toEqual([{ type: "forget", segment: 2 }])
  lane.receive({ type: "release", segment: 1 })
  vi.advanceTimersByTime(60_000)
  expect(said.slice(3)).toEqual([{ type: "forget", segment: 1 }])
  expect(vi.getTimerCount()).toBe(0)
  lane.close()
})

test("one that the peer has not opened yet is kept, for its answer may be on the way [SM-7]", () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "performance"] })
  const { lane, said } = usable()
  const value = new Uint8Array(mebibyte)
  lane.place([value])
  vi.advanceTimersByTime(120_000)
  expect(said).toEqual([segment(1, mebibyte)])
  lane.receive({ type: "release", segment: 1 })
  expect(lane.place([value])).toEqual([{ bytes: mebibyte, segment: 1 }])
  lane.close()
})

test("where the system gives none, all travels on the socket; it is asked again later [SM-9]", () => {
  vi.useFakeTimers()
  let asked = 0
  const { lane, said } = usable({
    ...untouched,
    create(bytes) {
      if (bytes < mebibyte) return memory().create(bytes)
      asked += 1
      throw new Error("posix_fallocate: ENOSPC")
    },
  })
  prepare(lane, said, mebibyte)
  prepare(lane, said, mebibyte)
  expect(asked).toBe(1)
  vi.advanceTimersByTime(30_000)
  prepare(lane, said, mebibyte)
  expect(asked).toBe(2)
  expect(said).toEqual([])
  lane.close()
  expect(openFiles()).toEqual([])
})

test("nothing is placed after the end [SM-10]", () => {
  const { lane, said } = usable()
  prepare(lane, said, mebibyte)
  lane.close()
  lane.close()
  expect(lane.place([new Uint8Array(mebibyte)])).toBeUndefined()
  expect(openFiles()).toEqual([])
})
