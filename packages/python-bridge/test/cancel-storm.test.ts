import type { Snakepit } from "@snakepit/core"
import { expect, test } from "vitest"
import { channels, errorOf, randomNumbers, start, until } from "./helpers.js"

const cancels = 10_000
/** More than workers, so that calls are cancelled before they start, too. */
const callers = 4
const unary = ["prints", "logs", "calls_back", "calls_back_async"]
const streaming = ["chunks", "everything"]

/** One call, cancelled after 0 to 2 ms, now and then followed by one whose result must be its own. */
async function cancelOne(pit: Snakepit, random: () => number): Promise<void> {
  const all = [...unary, ...streaming]
  const tool = all[Math.floor(random() * all.length)] as string
  const delay = random() * 2
  const abort = new AbortController()
  const options = { signal: abort.signal }
  // Timers are too coarse for fractions of a millisecond.
  const end = performance.now() + delay
  const tick = (): void => void (performance.now() < end ? setImmediate(tick) : abort.abort())
  setImmediate(tick)
  const error = streaming.includes(tool)
    ? await errorOf(pit.executeStream(tool, {}, () => {}, options))
    : await errorOf(pit.execute(tool, {}, options))
  expect(error).toMatchObject({ _tag: "CallCancelled", tool })
  if (random() > 0.05) return
  const number = Math.floor(random() * 1e9)
  expect(await pit.execute("quick", { number })).toBe(number)
}

test.each(channels)(
  "thousands of cancels at random moments break nothing, on %s",
  async (channel) => {
    const seed = Number(process.env.SNAKEPIT_TEST_SEED ?? Date.now() % 2 ** 31)
    try {
      await storm(channel, seed)
    } catch (error) {
      throw new Error(`SNAKEPIT_TEST_SEED=${seed} shows this failure`, { cause: error })
    }
  },
  120_000,
)

async function storm(channel: "fd" | "stdio", seed: number): Promise<void> {
  const pit = await start(
    "storming:Storming",
    // A worker that does not stop must fail the test by its pid, not delay it.
    { size: 2, cancelGrace: "20 seconds" },
    { python: { channel } },
  )
  let answered = 0
  pit.tools.register("answer", () => {
    answered += 1
    return 42
  })
  const pids = () => pit.workers().map(({ id, pid }) => ({ id, pid }))
  const before = pids()
  const random = randomNumbers(seed)
  let left = channel === "fd" ? cancels : cancels / 10
  const caller = async (): Promise<void> => {
    for (; left > 0; left -= 1) await cancelOne(pit, random)
  }
  await Promise.all(Array.from({ length: callers }, caller))

  // Whatever was cancelled last still has to answer.
  await until(() => pit.stats().busy === 0)
  expect(answered).toBeGreaterThan(0)
  const both = await Promise.all(before.map(() => pit.execute<number>("threads")))
  for (const threads of both) expect(threads).toBeLessThan(8)
  expect(pids()).toEqual(before)
  expect(pit.stats()).toMatchObject({ workers: 2, busy: 0, queued: 0, crashes: 0, requeued: 0 })
}
