import { describe, expect, it } from "vitest"
import { median, percentile, rotated, slope, spread, undecided } from "../src/statistics.js"

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

describe("slope", () => {
  it("is that of the line that the points lie on, or lie about", () => {
    expect(
      slope([
        [0, 5],
        [1, 7],
        [3, 11],
      ]),
    ).toBeCloseTo(2)
    expect(
      slope([
        [0, 0],
        [1, 3],
        [2, 0],
        [3, 3],
      ]),
    ).toBeCloseTo(0.6)
  })

  it("is exactly zero where nothing grows", () => {
    expect(
      slope([
        [0.1, 70.3],
        [0.2, 70.3],
        [0.7, 70.3],
      ]),
    ).toBe(0)
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
