import { resolve } from "node:path"
import { describe, expect, it } from "vitest"
import { chosen, paceOf, readArguments } from "../src/arguments.js"
import { dimensions } from "../src/growth/index.js"
import { scenarios, slowScenarios } from "../src/scenarios/index.js"

const names = (argv: readonly string[]) =>
  chosen(readArguments(argv), scenarios, slowScenarios).map(({ name }) => name)

describe("readArguments", () => {
  it("has a full run leave a report here, and others only where they are told to", () => {
    expect(readArguments([]).report).toBe(resolve("report"))
    expect(readArguments(["--report", "there"]).report).toBe("there")
    expect(readArguments(["--quick"]).report).toBeUndefined()
    expect(readArguments(["--only", "latency"]).report).toBeUndefined()
    expect(readArguments(["--quick", "--report", "there"]).report).toBe("there")
    expect(readArguments(["--growth"]).report).toBe(resolve("report/growth"))
    expect(readArguments(["--growth", "--quick"]).report).toBeUndefined()
  })

  it("refuses what it does not know", () => {
    expect(() => readArguments(["--fast"])).toThrow("--fast")
  })
})

describe("chosen", () => {
  it("takes every scenario, those that are not slow, or those that are named", () => {
    expect(names([])).toEqual(scenarios.map(({ name }) => name))
    expect(names(["--quick"])).toEqual(
      scenarios.map(({ name }) => name).filter((name) => !slowScenarios.includes(name)),
    )
    expect(names(["--quick", "--only", "bytes-100mb"])).toEqual(["bytes-100mb"])
  })

  it("names the scenarios there are when it is given another", () => {
    expect(() => names(["--only", "speed"])).toThrow(/no scenario speed; there are: latency, .*bytes-100mb/)
  })

  it("takes dimensions by their names when growth is asked for", () => {
    const args = readArguments(["--growth", "--only", "queue"])
    expect(chosen(args, dimensions, []).map(({ name }) => name)).toEqual(["queue"])
    const wrong = readArguments(["--growth", "--only", "latency"])
    expect(() => chosen(wrong, dimensions, [])).toThrow(/no dimension latency; there are: workers, .*queue/)
  })

  it("knows every scenario that is called slow", () => {
    expect(scenarios.map(({ name }) => name)).toEqual(expect.arrayContaining([...slowScenarios]))
  })
})

describe("paceOf", () => {
  it("measures growth in at least five rounds, also quickly", () => {
    for (const argv of [["--growth"], ["--growth", "--quick"]])
      expect(paceOf(readArguments(argv)).rounds).toBeGreaterThanOrEqual(5)
  })
})
