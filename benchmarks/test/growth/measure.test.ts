import { describe, expect, it } from "vitest"
import { snakepitGrpc, snakepitJson } from "../../src/contestants/snakepit.js"
import type { Dimension } from "../../src/growth/dimension.js"
import { measureDimension } from "../../src/growth/measure.js"

describe("measureDimension", () => {
  it("measures every point of every transport in each round, and judges the limits", async () => {
    const log: string[] = []
    const dimension: Dimension = {
      name: "size",
      title: "larger things",
      axis: "size",
      points: [1, 2000],
      expected: "Flat.",
      metrics: [{ name: "cost", unit: "µs", better: "lower" }],
      panels: [],
      limits: [{ metric: "cost", at: 2000, from: 1, atMost: 10 }],
      prepare: async (line, at) => ({
        measure: async () => {
          log.push(`${line.name} ${at}`)
          return { cost: line === snakepitGrpc ? at : 1 }
        },
        close: async () => {},
      }),
    }
    const { labels, points, judgements } = await measureDimension(dimension, [snakepitJson, snakepitGrpc], {
      python: "python3",
      pace: { rounds: 2, roundMs: 1, warmupMs: 1 },
      progress: () => {},
      signal: new AbortController().signal,
    })
    const everyone = ["snakepit-json 1", "snakepit-json 2000", "snakepit-grpc 1", "snakepit-grpc 2000"]
    const [first = "", ...others] = everyone
    expect(log).toEqual([...everyone, ...everyone, ...others, first])
    expect(labels).toEqual({ 1: "1", 2000: "2,000" })
    expect(points.map(({ line, at, rounds }) => [line, at, rounds.length])).toEqual([
      ["snakepit-json", 1, 2],
      ["snakepit-json", 2000, 2],
      ["snakepit-grpc", 1, 2],
      ["snakepit-grpc", 2000, 2],
    ])
    expect(judgements.map(({ line, verdict }) => [line, verdict])).toEqual([
      ["snakepit-json", "met"],
      ["snakepit-grpc", "missed"],
    ])
  })
})
