import { readdirSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { crc32 } from "node:zlib"
import { type PoolConfig, Snakepit, type SnakepitConfig, Tensor } from "@snakepit/core"
import type { SharedMemory } from "@snakepit/core/transport"
import { type PythonOptions, python } from "@snakepit/python-bridge"
import { json } from "@snakepit/transport-json"
import { msgpack } from "@snakepit/transport-msgpack"
import { describe, expect, onTestFinished, test } from "vitest"
import { mebibyte, memory, openFiles, until, untilCollected } from "./support.js"

const adapters = fileURLToPath(new URL("adapters", import.meta.url))

interface More extends PythonOptions {
  readonly pool?: PoolConfig
}

async function start(
  transport: typeof json | typeof msgpack,
  shared: SharedMemory | undefined,
  { pool, ...options }: More = {},
): Promise<Snakepit> {
  const config: SnakepitConfig = {
    adapter: python({ adapter: "large:Large", cwd: adapters, ...options }),
    transports: [transport({ sharedMemory: shared })],
    pool: { size: 1, ...pool },
    logger: false,
  }
  const pit = await Snakepit.start(config)
  onTestFinished(() => pit.close({ grace: 0 }))
  return pit
}

/** Knows how many attachments came through it, and how many of the peer's segments are mapped. */
function counted() {
  const shared = memory()
  const count = { taken: 0, mapped: 0, made: 0 }
  const counting: SharedMemory = {
    create(bytes) {
      if (bytes >= mebibyte) count.made += 1
      return shared.create(bytes)
    },
    open(path, bytes) {
      const mapping = shared.open(path, bytes)
      count.mapped += 1
      return {
        view(length) {
          count.taken += 1
          return mapping.view(length)
        },
        close() {
          count.mapped -= 1
          mapping.close()
        },
      }
    },
  }
  return { count, shared: counting }
}

function pattern(length: number): Uint8Array {
  const data = new Uint8Array(length)
  for (let at = 0; at < length; at += 997) data[at] = at
  data[length - 1] = 255
  return data
}

const same = (a: unknown, b: Uint8Array): boolean => a instanceof Uint8Array && Buffer.compare(a, b) === 0

describe.each([json, msgpack])("over $name", (transport) => {
  test.each([mebibyte, 100_000_000])("%i bytes come back as they were, through segments", async (size) => {
    const { shared, count } = counted()
    const pit = await start(transport, shared)
    const data = pattern(size)
    const wanted = crc32(data)
    for (let times = 0; times < 4; times++) {
      expect(await pit.execute("checksum", { data })).toBe(wanted)
      expect(same(await pit.execute("echo", { value: data }), data)).toBe(true)
    }
    expect(pit.workers()[0]?.sharedMemory).toBe(true)
    expect(count.made).toBe(1)
    expect(count.taken).toBeGreaterThan(0)
  })

  test("tensors do, too, both ways", async () => {
    const { shared, count } = counted()
    const pit = await start(transport, shared)
    const n = 300_000
    for (let times = 0; times < 4; times++) {
      const values = await pit.execute<Tensor<"float64">>("count", { n })
      expect(values).toMatchObject({ dtype: "float64", shape: [n] })
      expect([values.data[1], values.data[n - 1]]).toEqual([1, n - 1])
      expect(await pit.execute("total", { values })).toBe((n * (n - 1)) / 2)
    }
    expect(count.taken).toBeGreaterThan(0)
  })

  test("what is off gives the same", async () => {
    const pit = await start(transport, undefined)
    const data = pattern(2 * mebibyte)
    expect(same(await pit.execute("echo", { value: data }), data)).toBe(true)
    expect(pit.workers()[0]?.sharedMemory).toBe(false)
  })

  test("chunks of a stream, each with its own credit", async () => {
    const pit = await start(transport, memory())
    for (let times = 0; times < 2; times++) {
      const firsts: unknown[] = []
      for await (const chunk of pit.stream("chunks", { n: 20, size: mebibyte + 5 })) {
        const data: unknown = Object(chunk).data
        if (data instanceof Uint8Array) firsts.push([data[0], data[mebibyte], data.length])
      }
      expect(firsts).toEqual(Array.from({ length: 20 }, (_, index) => [index, index, mebibyte + 5]))
    }
  })

  test("more at once than there are segments: the rest takes the socket", async () => {
    const { shared, count } = counted()
    const pit = await start(transport, shared, { pool: { size: 1, maxQueue: 1000 } })
    for (let round = 0; round < 3; round++) {
      const calls = Array.from({ length: 40 }, (_, index) => {
        const value = pattern(mebibyte + index)
        return pit.execute("echo", { value }).then((result) => same(result, value))
      })
      expect(await Promise.all(calls)).toEqual(Array(40).fill(true))
    }
    expect(count.made).toBeLessThanOrEqual(8)
    expect(count.made).toBeGreaterThan(0)
  })

  test("a worker that keeps tensors keeps what they are", async () => {
    const pit = await start(transport, memory())
    const n = mebibyte / 4
    for (let index = 1; index <= 12; index++) {
      const value = Tensor.from(new Float32Array(n).fill(index))
      expect(await pit.execute("keep", { value })).toBe(index)
    }
    expect(await pit.execute("sums")).toEqual(Array.from({ length: 12 }, (_, index) => (index + 1) * n))
  })
})

describe("the end", () => {
  test("a worker killed with a segment in its hands: its successor has new ones [SM-10]", async () => {
    const { shared, count } = counted()
    const pit = await start(json, shared)
    const value = Tensor.from(new Float64Array(pattern(2 * mebibyte).buffer))
    for (let times = 0; times < 3; times++) await pit.execute("echo", { value })
    const kept = await pit.execute<Tensor>("echo", { value })
    await expect(pit.execute("die", { value })).rejects.toMatchObject({
      _tag: "WorkerCrashed",
      signal: "SIGKILL",
    })
    const { made } = count
    for (let times = 0; times < 3; times++) await pit.execute("echo", { value })
    expect(same(kept.bytes, value.bytes)).toBe(true)
    expect(count.made).toBeGreaterThan(made)
    await pit.close()
    expect(openFiles()).toEqual([])
  })

  test("values outlive close(), and nothing else does, here or in /dev/shm [SM-10]", async () => {
    const names = readdirSync("/dev/shm")
    const { shared, count } = counted()
    const pit = await start(json, shared)
    const data = pattern(3 * mebibyte)
    for (let times = 0; times < 3; times++) await pit.execute("echo", { value: data })
    const before = count.taken
    const kept = [await pit.execute("echo", { value: data })]
    expect(count.taken).toBe(before + 1)
    await pit.close()
    expect(openFiles()).toEqual([])
    expect(readdirSync("/dev/shm")).toEqual(names)
    await until(() => count.mapped > 0)
    expect(same(kept[0], data)).toBe(true)
    kept.length = 0
    await untilCollected(() => count.mapped === 0)
  })

  test("workers of a fork server have segments of their own [SM-10]", async () => {
    const { shared, count } = counted()
    const pit = await start(json, shared, { launch: "fork", pool: { size: 2 } })
    const data = pattern(mebibyte)
    for (let times = 0; times < 4; times++) {
      const both = await Promise.all([1, 2].map(() => pit.execute("echo", { value: data })))
      for (const value of both) expect(same(value, data)).toBe(true)
    }
    expect(pit.workers().map((worker) => worker.sharedMemory)).toEqual([true, true])
    expect(count.taken).toBeGreaterThan(0)
  })
})
