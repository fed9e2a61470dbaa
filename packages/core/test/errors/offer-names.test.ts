import { expect, test } from "vitest"
import { offerNames } from "../../src/errors/offer-names.js"

const tools = ["add", "subtract", "multiply", "multiply_all", "mean"]

test.each([
  ["ad", "(did you mean add?)"],
  ["Add", "(did you mean add?)"],
  ["substract", "(did you mean subtract?)"],
  ["multipyl", "(did you mean multiply?)"],
  ["mul", "(did you mean multiply or multiply_all?)"],
  ["maen", "(did you mean mean?)"],
])("for %s it offers what comes near: %s", (wanted, question) => {
  expect(offerNames(wanted, tools, "they are")).toBe(
    ` ${question}; they are add, mean, multiply, multiply_all, subtract`,
  )
})

test.each(["divide", "", "x", "\ud800", "m".repeat(1_000_000)])("for others it only lists: %s", (wanted) => {
  expect(offerNames(wanted, tools, "they are")).toMatch(/^; they are add/)
})

test("the nearest comes first, and the list ends", () => {
  const many = Array.from({ length: 23 }, (_, n) => `tool_${String(n).padStart(2, "0")}`)
  const offer = offerNames("tool_21", many, "they are")
  expect(offer).toMatch(/^ \(did you mean tool_21 or /)
  expect(offer).toMatch(/tool_18, tool_19 and 3 more$/)
})
