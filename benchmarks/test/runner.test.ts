import { describe, expect, it } from "vitest"
import type { Contestant } from "../src/contestant.js"
import { runScenario } from "../src/runner.js"
import type { Entry, Scenario } from "../src/scenario.js"

const contestant = (name: string): Contestant => ({ name, open: () => Promise.reject(new Error("not used")) })

/** A scenario whose contestants write down what happens to them. */
function recorded(names: readonly string[], measure: (name: string) => ReturnType<Entry["measure"]>) {
  const log: string[] = []
  const scenario: Scenario = {
    name: "recorded",
    title: "a scenario that writes down what happens",
    metrics: [{ name: "rate", unit: "calls/s", better: "higher" }],
    contestants: names.map(contestant),
    prepare: async ({ name }) => ({
      measure: (budget) => {
        log.push(`${name}:${budget}`)
        return measure(name)
      },
      close: async () => void log.push(`${name}:closed`),
    }),
  }
  return { log, scenario }
}

const options = (signal: AbortSignal) => ({
  python: "python3",
  pace: { rounds: 2, roundMs: 7, warmupMs: 1 },
  progress: () => {},
  signal,
})
const never = new AbortController().signal

describe("runScenario", () => {
  it("warms up, interleaves the contestants in a rotated order, and closes them", async () => {
    const { log, scenario } = recorded(["a", "b"], async () => ({ rate: 5 }))
    const { contestants } = await runScenario(scenario, options(never))
    expect(log).toEqual(["a:1", "b:1", "a:7", "b:7", "b:7", "a:7", "a:closed", "b:closed"])
    expect(contestants[0]).toEqual({
      name: "a",
      rounds: [{ rate: 5 }, { rate: 5 }],
      summary: { rate: { min: 5, median: 5, max: 5 } },
    })
  })

  it("has a scenario do with fewer rounds, and without a warm-up", async () => {
    const { log, scenario } = recorded(["a"], async () => ({ rate: 5 }))
    await runScenario({ ...scenario, rounds: 1, cold: true }, options(never))
    expect(log).toEqual(["a:7", "a:closed"])
  })

  it("fails with the name of the contestant that answers wrongly, and closes all", async () => {
    const { log, scenario } = recorded(["a", "b"], async (name) => {
      if (name === "b") throw new Error("wrong answer")
      return { rate: 5 }
    })
    await expect(runScenario(scenario, options(never))).rejects.toThrow("b: wrong answer")
    expect(log.slice(-2)).toEqual(["a:closed", "b:closed"])
  })

  it("stops in the middle of a round when it is aborted, and closes all", async () => {
    const stop = new AbortController()
    const { log, scenario } = recorded(["a"], () => {
      stop.abort(new Error("stopped"))
      return new Promise(() => {})
    })
    await expect(runScenario(scenario, options(stop.signal))).rejects.toThrow("stopped")
    expect(log).toEqual(["a:1", "a:closed"])
  })
})
