import { afterEach, beforeEach, expect, test, vi } from "vitest"
import { Grace } from "../../../src/pool/supervisor/grace.js"

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** Whether it is over after so long. */
async function overAfter(grace: Grace, ms: number): Promise<boolean> {
  let over = false
  void grace.over.then(() => {
    over = true
  })
  await vi.advanceTimersByTimeAsync(ms)
  return over
}

test("a grace lasts as long as the first to end that was given", async () => {
  const grace = new Grace()
  grace.shorten(Number.POSITIVE_INFINITY)
  grace.shorten(1000)
  expect(await overAfter(grace, 500)).toBe(false)
  grace.shorten(1000)
  expect(await overAfter(grace, 499)).toBe(false)
  expect(await overAfter(grace, 1)).toBe(true)
})

test("a grace can be cut short while it lasts, and ends when nothing is waited for", async () => {
  const [short, needless] = [new Grace(), new Grace()]
  for (const grace of [short, needless]) grace.shorten(1000)
  short.shorten(0)
  expect(await overAfter(short, 1)).toBe(true)
  needless.end()
  needless.shorten(5)
  expect(await overAfter(needless, 0)).toBe(true)
  expect([needless.ms, vi.getTimerCount()]).toEqual([5, 0])
})
