import { describe, expect, it } from "vitest"
import { median, percentile, ratio, rotated, spread, undecided } from "../src/statistics.js"

describe("percentile", () => {
  it("orders numbers by value and interpolates between neighbours", () => {
    expect(percentile([10, 9, 100], 0.5)).toBe(10)
    expect(percentile([1, 2, 3, 4], 0.5)).toBe(2.5)
    expect(percentile([0, 100], 0.99)).toBe(99)
  })

  it("leaves its input alone and refuses to summarise nothing", () => {
    const values = [3, 1, 2]
    expect(median(values)).toBe(2)
    expect(values).toEqual([3, 1, 2])
    expect(() => median([])).toThrow("no values")
  })
})

describe("ratio", () => {
  it("divides medians, and extremes so that the ratio is as wide as it can be", () => {
    expect(ratio(spread([8, 10, 12]), spread([4, 5, 6]))).toEqual({ min: 8 / 6, median: 2, max: 3 })
  })
})

describe("undecided", () => {
  it.each([
    { range: [0.9, 1.1, 1.2], threshold: 1, expected: true, why: "the spread holds the threshold" },
    { range: [1.05, 1.1, 1.2], threshold: 1, expected: false, why: "the spread lies above it" },
    { range: [0.5, 0.8, 0.9], threshold: 1, expected: false, why: "the spread lies below it" },
    { range: [0.9, 2, 5], threshold: 1, expected: false, why: "the median is twice as high" },
    { range: [0.1, 0.5, 2], threshold: 1, expected: false, why: "the median is half as high" },
    { range: [0.4, 0.55, 0.6], threshold: 0.5, expected: true, why: "the threshold is what counts, not 1" },
  ])("is $expected when $why", ({ range, threshold, expected }) => {
    expect(undecided(spread(range), threshold)).toBe(expected)
  })
})

describe("rotated", () => {
  it("puts each element first in turn", () => {
    expect([0, 1, 2, 3].map((round) => rotated(["a", "b", "c"], round).join(""))).toEqual([
      "abc",
      "bca",
      "cab",
      "abc",
    ])
    expect(rotated([], 3)).toEqual([])
  })
})
