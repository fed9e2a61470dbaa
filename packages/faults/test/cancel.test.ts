import { rmSync } from "node:fs"
import { join } from "node:path"
import type { CallOptions, Snakepit } from "@snakepit/core"
import { describe, expect, test } from "vitest"
import { type AnyError, errorOf } from "../src/outcomes.js"
import { until } from "../src/processes.js"
import { Random } from "../src/random.js"
import { scaled } from "../src/scale.js"
import { exists, lines } from "./support/files.js"
import { channelTransports, everyTransport, folder, pids, start } from "./support/pit.js"
import { withSeeds } from "./support/seeds.js"

/** Cancels it once it has begun; a timeout comes by itself. */
type GiveUp = (began: Promise<void>) => { readonly options: CallOptions; readonly error: string }

const byTimeout: GiveUp = () => ({ options: { timeout: 600 }, error: "CallTimeout" })
const byCancel: GiveUp = (began) => {
  const abort = new AbortController()
  void began.then(() => abort.abort())
  return { options: { signal: abort.signal }, error: "CallCancelled" }
}

describe.each(channelTransports)("over %s", (over) => {
  test.each([
    ["a cancel", byCancel],
    ["a timeout", byTimeout],
  ] as const)(
    "R8 an answer after %s is dropped; its worker stays, and gets nothing while it is busy",
    async (_, give) => {
      const pit = await start("busy:Busy", { cancelGrace: "1 hour" }, { over })
      const [log, began] = [join(await folder(), "log"), join(await folder(), "began")]
      const before = pids(pit)
      const { options, error } = give(exists(began))
      const stubborn = pit.execute("stubborn", { path: log, text: "first", began }, options)
      expect(await errorOf(stubborn)).toMatchObject({ _tag: error, tool: "stubborn" })
      await exists(began)
      const next = ["second", "third"].map((text) => pit.execute("log", { path: log, text }))
      // It has heard of it, does not care, and still nothing else has begun.
      await until(() => lines(log).length >= 2)
      expect(lines(log)).toEqual(["first begins", "first was asked to stop"])
      rmSync(began)
      expect(await Promise.all(next)).toEqual(["second", "third"])
      expect(lines(log).slice(2)).toEqual(["first ends", "second", "third"])
      expect(pids(pit)).toEqual(before)
      expect(pit.stats()).toMatchObject({ crashes: 0, errors: 1, busy: 0 })
    },
  )
})

/** Cancels calls ever closer to their answers, however long those take on this machine. */
class Race {
  readonly outcomes = { value: 0, cancelled: 0 }
  readonly #pit: Snakepit
  readonly #random: Random
  #delayMs = 0.3

  constructor(pit: Snakepit, random: Random) {
    this.#pit = pit
    this.#random = random
  }

  async run(number: number): Promise<void> {
    const abort = new AbortController()
    const call = this.#pit.execute("echo", { value: number }, { signal: abort.signal })
    const end = performance.now() + this.#random.next() * 2 * this.#delayMs
    // Timers are too coarse for fractions of a millisecond.
    const tick = (): void => void (performance.now() < end ? setImmediate(tick) : abort.abort())
    tick()
    try {
      expect(await call).toBe(number)
      this.outcomes.value += 1
      this.#delayMs *= 0.98
    } catch (error) {
      expect((error as AnyError)._tag).toBe("CallCancelled")
      this.outcomes.cancelled += 1
      this.#delayMs *= 1.02
    }
  }
}

test.each(everyTransport)("R11 over %s, a cancel that meets the answer has one outcome", async (over) => {
  const pit = await start("busy:Busy", { size: 2 }, { over })
  const ended: boolean[] = []
  pit.on("snakepit.request.executed", ({ metadata }) => void ended.push(metadata.success))
  const before = pids(pit)
  const calls = scaled(2000, 50_000)
  const outcomes = { value: 0, cancelled: 0 }
  await withSeeds(`cancel-race-${over}`, async (seed) => {
    const race = new Race(pit, new Random(seed))
    let left = calls
    const caller = async (): Promise<void> => {
      while (left > 0) await race.run(left--)
    }
    await Promise.all([caller(), caller(), caller()])
    expect(Math.min(race.outcomes.value, race.outcomes.cancelled)).toBeGreaterThan(calls / 10)
    outcomes.value += race.outcomes.value
    outcomes.cancelled += race.outcomes.cancelled
  })
  await until(() => pit.stats().busy === 0)
  // Whoever was told a value, or of a cancel, is counted as just that, once.
  expect(ended.filter((success) => success).length).toBe(outcomes.value)
  expect(ended.filter((success) => !success).length).toBe(outcomes.cancelled)
  expect(pids(pit)).toEqual(before)
  expect(pit.stats()).toMatchObject({ crashes: 0, queued: 0, errors: outcomes.cancelled })
})
