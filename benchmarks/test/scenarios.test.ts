import { describe, expect, it } from "vitest"
import { describePython, findPython } from "../src/python.js"
import type { Scenario } from "../src/scenario.js"
import { tensors } from "../src/scenarios/bytes.js"
import { cores } from "../src/scenarios/cores.js"
import { crowd } from "../src/scenarios/crowd.js"
import { session } from "../src/scenarios/session.js"
import { slowConsumer } from "../src/scenarios/slow-consumer.js"
import { threadsScenario } from "../src/scenarios/threads.js"
import { explainAbsence, select } from "../src/selection.js"

/** Starting Python and importing NumPy takes seconds on a busy machine. */
const timeout = 60_000
const inTurns = [session, ...tensors.slice(0, 1), cores, threadsScenario, crowd(3, ["fork", "spawn"])]
const everyone = [...inTurns, slowConsumer].flatMap(({ contestants }) => contestants)
const python = describePython(
  findPython(),
  everyone.flatMap(({ needs = [] }) => needs),
)

/** What one short round of each contestant that can run measures, by name. */
async function oneRound(scenario: Scenario) {
  const measured: Record<string, Readonly<Record<string, number>>> = {}
  for (const contestant of select(scenario.contestants, python)) {
    const entry = await scenario.prepare(contestant, python.executable)
    try {
      measured[contestant.name] = await entry.measure(1)
    } finally {
      await entry.close()
    }
  }
  return measured
}

describe.each(inTurns)("$name", (scenario) => {
  const [absent] = explainAbsence(scenario.contestants, python)

  it.skipIf(absent !== undefined)(
    absent ?? "measures every contestant in every metric that is compared",
    async () => {
      const measured = await oneRound(scenario)
      expect(Object.keys(measured)).toEqual(scenario.contestants.map(({ name }) => name))
      for (const { name, better } of scenario.metrics)
        for (const each of Object.values(measured))
          if (better !== undefined && !(name === "memory" && process.platform !== "linux"))
            expect(each[name]).toBeGreaterThan(0)
    },
    timeout,
  )
})

describe("slow-consumer", () => {
  const contestants = slowConsumer.contestants.filter(({ name }) => name === "snakepit-json")
  const [absent] = explainAbsence(contestants, python)

  it.skipIf(absent !== undefined)(
    absent ?? "measures how the memory of both sides grows",
    async () => {
      const { "snakepit-json": measured } = await oneRound({ ...slowConsumer, contestants })
      expect(Number.isFinite(measured?.hostSlope)).toBe(true)
      if (process.platform === "linux") expect(Number.isFinite(measured?.workerSlope)).toBe(true)
    },
    timeout,
  )

  it("notices memory that is kept for every chunk, on both sides", { timeout }, async () => {
    const kept: Buffer[] = []
    const leaky = {
      name: "leaky",
      open: async () => ({
        echo: async (value: number) => value,
        echoBytes: async (data: Uint8Array) => data,
        count: async (n: number, onItem: (value: number) => void) => {
          for (let value = 0; value < n; value++) {
            if (value % 1_000 === 0) kept.push(Buffer.alloc(200_000, 1))
            onItem(value)
          }
        },
        pids: async () => [process.pid],
        close: async () => {},
      }),
    }
    const { leaky: measured } = await oneRound({ ...slowConsumer, contestants: [leaky] })
    expect(kept).toHaveLength(200)
    expect(measured?.hostSlope).toBeGreaterThan(10)
    if (process.platform === "linux") expect(measured?.workerSlope).toBeGreaterThan(10)
  })
})
