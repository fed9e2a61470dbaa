import type { Snakepit } from "@snakepit/core"
import { grpc } from "@snakepit/transport-grpc"
import { json } from "@snakepit/transport-json"
import { msgpack } from "@snakepit/transport-msgpack"
import { describe, expect, test } from "vitest"
import { collect, start, until } from "./helpers.js"

const size = 4
const transports = { json, msgpack, grpc }
const names = ["json", "msgpack", "grpc"] as const

const storm = (name: keyof typeof transports) =>
  start("callbacks:Callbacks", { size, queueTimeout: "50 seconds" }, { transports: [transports[name]()] })

/**
 * Lets callbacks go on by fours only, so that each time every worker is blocked in one. The last few of `total` need not
 * wait: their workers may have nothing left to call back for.
 */
class Barrier {
  passedByFours = 0
  #arrived = 0
  #waiting: (() => void)[] = []

  constructor(readonly total: number) {}

  async pass(): Promise<void> {
    this.#arrived += 1
    const arrival = new Promise<void>((resolve) => this.#waiting.push(resolve))
    const four = this.#waiting.length === size
    if (four) this.passedByFours += 1
    if (four || this.#arrived > this.total - 4 * size) for (const go of this.#waiting.splice(0)) go()
    await arrival
  }
}

/** Every call makes two callbacks, and each of them a call without options. */
async function expectStorm(
  pit: Snakepit,
  calls: number,
  callTwice: (number: number) => Promise<unknown>,
): Promise<void> {
  const barrier = new Barrier(2 * calls)
  pit.tools.register("next", async ({ number }) => {
    await barrier.pass()
    return pit.execute("add", { a: number, b: 1 })
  })
  const numbers = Array.from({ length: calls }, (_, number) => number)
  const results = await Promise.all(numbers.map(callTwice))
  expect(results).toEqual(numbers.map((number) => [number + 1, 1 - number]))
  expect(barrier.passedByFours).toBeGreaterThanOrEqual((2 * calls) / size - 2 * size)
  await until(() => pit.stats().busy === 0)
  expect(pit.stats()).toMatchObject({ queued: 0, crashes: 0, errors: 0, requests: 3 * calls })
  expect(pit.workers().map(({ busy, droppedFrames }) => [busy, droppedFrames])).toEqual(
    Array(size).fill([0, 0]),
  )
}

describe.each(names)("over %s, while every worker is blocked in a callback,", (name) => {
  test("1,000 calls that call back twice all end well", async () => {
    const pit = await storm(name)
    await expectStorm(pit, 1000, (number) => pit.execute("twice", { number }, { timeout: "50 seconds" }))
  })

  test.each(["twice_async", "twice_in_threads"])("so do 200 of %s", async (tool) => {
    const pit = await storm(name)
    await expectStorm(pit, 200, (number) => pit.execute(tool, { number }, { timeout: "50 seconds" }))
  })

  test("so do 200 generators", async () => {
    const pit = await storm(name)
    await expectStorm(pit, 200, async (number) => {
      const chunks = await collect(pit.stream("twice_through", { number }))
      return chunks.flatMap(({ data, isFinal }) => (isFinal ? [] : [data]))
    })
  })
})
