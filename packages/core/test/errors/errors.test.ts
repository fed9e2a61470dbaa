import { expect, test } from "vitest"
import { fromWire, isCallError } from "../../src/errors/errors.js"
import { InvalidParameter, StartFailed, UnknownTool } from "../../src/index.js"

const wire = { type: "InvalidParameter", message: "greet: missing parameter 'a b'" }

test("a call that a worker refuses fails as one that the host refuses", () => {
  const details = { key: "a b", reason: "missing parameter 'a b'" }
  const error = fromWire({ ...wire, code: "invalid_parameter", details }, "greet", "default-1")
  expect(error).toBeInstanceOf(InvalidParameter)
  expect(error).toMatchObject({ tool: "greet", key: 'args["a b"]', reason: details.reason })
  expect(error.message).toContain(wire.message)
  expect(fromWire({ ...wire, code: "unknown_tool" }, "greet", "default-1")).toBeInstanceOf(UnknownTool)
})

test.each([undefined, null, "text", [], { key: 5 }])("a refusal with the details %o has a key", (details) => {
  const frame = { ...wire, code: "invalid_parameter" } as const
  const error = fromWire(details === undefined ? frame : { ...frame, details }, "greet", "default-1")
  expect(error).toMatchObject({ _tag: "InvalidParameter", key: "tool", reason: wire.message })
})

test("only the library's own classes are call errors", () => {
  expect(isCallError(new UnknownTool({ message: "no", tool: "t" }))).toBe(true)
  expect(isCallError(new StartFailed({ message: "no", reason: "launch", workerId: "w" }))).toBe(false)
  expect(isCallError(Object.assign(new Error("no"), { _tag: "UnknownTool" }))).toBe(false)
  expect(isCallError({ _tag: "UnknownTool" })).toBe(false)
})
