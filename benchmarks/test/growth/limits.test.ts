import { describe, expect, it } from "vitest"
import { judge } from "../../src/growth/limits.js"
import { point } from "./made-up.js"

const limit = { metric: "cost", at: 1000, from: 100, atMost: 2 }

describe("judge", () => {
  it.each([
    { last: [10, 30, 50], verdict: "met" },
    { last: [30, 90, 150], verdict: "missed" },
    { last: [15, 60, 110], verdict: "undecided" },
  ])("judges $last beside 10, 30, 50 as $verdict", ({ last, verdict }) => {
    const points = [point(100, [10, 30, 50]), point(1000, last)]
    expect(judge([limit], points)).toMatchObject([{ ...limit, line: "snakepit-json", verdict }])
  })

  it("divides round by round, so that what slows a whole round does not count", () => {
    const [only] = judge([limit], [point(100, [1, 10, 100]), point(1000, [1.5, 15, 150])])
    expect(only?.ratio).toEqual({ min: 1.5, median: 1.5, max: 1.5 })
  })

  it("judges each transport by its own points, and none that lacks one of them", () => {
    const points = [
      point(100, [1], "snakepit-json"),
      point(1000, [1], "snakepit-json"),
      point(100, [1], "snakepit-grpc"),
      point(1000, [9], "snakepit-grpc"),
      point(100, [1], "snakepit-msgpack"),
    ]
    expect(judge([limit], points).map(({ line, verdict }) => [line, verdict])).toEqual([
      ["snakepit-json", "met"],
      ["snakepit-grpc", "missed"],
    ])
    expect(judge([{ ...limit, metric: "rate" }], points)).toEqual([])
  })
})
