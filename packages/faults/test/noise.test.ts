import { describe, expect, test } from "vitest"
import { collect } from "../src/outcomes.js"
import { pids, start } from "./support/pit.js"
import { Records } from "./support/records.js"

const ways = (["fd", "stdio"] as const).flatMap((channel) =>
  (["json", "msgpack"] as const).map((over) => ({ channel, over })),
)

const numbers = Array.from({ length: 200 }, (_, number) => number)

describe.each(ways)("over $over on $channel", ({ channel, over }) => {
  test("R1 what is printed at any time, by Python, C and a grandchild, disturbs no frame", async () => {
    const records = new Records()
    const pit = await start("noisy:Noisy", {}, { over, python: { channel }, logger: records.logger })
    const before = pids(pit)
    await pit.execute("start")
    for (const line of ["from C", "from Python", "to stderr", "forged by a grandchild"])
      await records.saying(line)
    // While it is idle, while a tool prints, too, and between the chunks of a stream.
    for (const value of numbers.slice(0, 50)) expect(await pit.execute("echo", { value })).toBe(value)
    const calls = numbers.map((value) => pit.execute("shout", { value }))
    expect(await Promise.all(calls)).toEqual(numbers)
    const chunks = await collect(pit.stream<number>("count", { n: 200 }))
    expect(chunks.flatMap(({ isFinal, data }) => (isFinal ? [] : [data]))).toEqual(numbers)
    expect(await pit.execute("stop")).toBeGreaterThan(0)
    expect(pids(pit)).toEqual(before)
    expect(pit.stats()).toMatchObject({ crashes: 0, errors: 0 })
    expect(pit.workers()).toMatchObject([{ droppedFrames: 0 }])
  })
})

test("R2 a flood of output is read to its end, cut, and counted", async () => {
  const records = new Records()
  const pit = await start("noisy:Noisy", {}, { logger: records.logger })
  const lines = 50_000
  expect(await pit.execute("flood", { lines })).toBe(lines)
  const told = await records.saying("lines dropped")
  const passed = records.all.filter(({ message }) => message.startsWith("line ")).length
  const dropped = Number(told.message.replace(/\D/g, ""))
  expect(dropped).toBeGreaterThan(0)
  expect(passed + dropped).toBe(lines)
  expect(pit.workers()).toMatchObject([{ droppedLines: dropped }])
  // One line without an end costs no more than a bound, either.
  await pit.execute("long_line", { size: 32 * 2 ** 20 })
  const long = await records.saying("begin ")
  expect(long.message.length).toBeLessThan(20_000)
  expect(long.message.endsWith("…")).toBe(true)
  expect(await pit.execute("echo", { value: 1 })).toBe(1)
})
