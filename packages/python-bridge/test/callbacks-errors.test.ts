import { ToolError } from "@snakepit/core"
import { describe, expect, test } from "vitest"
import { errorOf, start } from "./helpers.js"

const callbacks = () => start("callbacks:Callbacks", { size: 1 })

interface Caught {
  readonly type: string
  readonly code: string
  readonly message: string
  readonly details: { readonly [name: string]: unknown } | null
  readonly traceback: string | null
  readonly shown: string
}

class Refused extends RangeError {
  override readonly name = "Refused"

  constructor(
    message: string,
    readonly customer: { readonly id: number },
    readonly socket: unknown,
  ) {
    super(message)
  }
}

test("an error of TypeScript arrives with its public fields, and its stack is shown in Python", async () => {
  const pit = await callbacks()
  pit.tools.register("refuse", function refusingHandler() {
    throw new Refused("not for you", { id: 3 }, new AbortController())
  })
  const caught = await pit.execute<Caught>("call_and_catch", { tool: "refuse" })
  expect(caught).toMatchObject({
    type: "Refused",
    code: "tool_error",
    message: "not for you",
    details: { customer: { id: 3 } },
  })
  expect(Object.keys(caught.details ?? {})).toEqual(["customer"])
  expect(caught.traceback).toMatch(
    /^Refused: not for you\n[\s\S]*refusingHandler[\s\S]*callbacks-errors\.test/,
  )
  expect(caught.shown).toContain(caught.traceback)
  expect(caught.shown).toContain("ctx.call_host_tool(tool)")
})

describe("an error of Python, raised in TypeScript → Python → TypeScript → Python,", () => {
  test("reaches every level with the stacks of all below", async () => {
    const pit = await callbacks()
    let inner: unknown
    pit.tools.register("middle", async function middleHandler() {
      try {
        return await pit.execute("fail", { at: "the bottom" })
      } catch (error) {
        inner = error
        throw error
      }
    })
    const outer = await errorOf(pit.execute("pass_on", { tool: "middle" }))

    expect(inner).toBeInstanceOf(ToolError)
    expect(inner).toMatchObject({
      type: "Broken",
      message: "Broken: the bottom",
      details: { where: { at: "the bottom", depth: 4 } },
    })
    expect(inner).toHaveProperty("traceback", expect.stringContaining("raise Broken"))

    expect(outer).toMatchObject({ _tag: "ToolError", type: "HostToolError", tool: "pass_on" })
    expect(outer.message).toContain("Broken: the bottom")
    for (const place of [
      "raise Broken",
      "middleHandler",
      "callbacks-errors.test",
      "ctx.call_host_tool(tool)",
    ])
      expect(outer.traceback).toContain(place)
    // The innermost first, as Python shows causes.
    const at = (text: string): number => String(outer.traceback).indexOf(text)
    expect(at("raise Broken")).toBeLessThan(at("ctx.call_host_tool(tool)"))
    expect(outer.details).toMatchObject({
      type: "ToolError",
      code: "tool_error",
      details: { tool: "fail", type: "Broken", details: { where: { at: "the bottom", depth: 4 } } },
    })
    expect(outer.stack).toContain("raise Broken")
  })

  test("can be told from others where a callback of Python catches it", async () => {
    const pit = await callbacks()
    pit.tools.register("middle", () => pit.execute("fail", { at: "the bottom" }))
    const caught = await pit.execute<Caught>("call_and_catch", { tool: "middle" })
    expect(caught).toMatchObject({ type: "ToolError", code: "tool_error", details: { type: "Broken" } })
    expect(caught.shown).toContain("raise Broken")
  })
})
