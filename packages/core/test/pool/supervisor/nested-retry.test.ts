import { expect, test } from "vitest"
import { start, type Tools } from "../../testing/helpers.js"

test("a call of a callback that is made again runs inside its ancestor, which is the only worker", async () => {
  let attempts = 0
  const tools: Tools = {
    outer: (_, { callHostTool }) => callHostTool("back"),
    flaky: () => {
      attempts += 1
      if (attempts === 1) throw Object.assign(new Error("not yet"), { retryable: true })
      return attempts
    },
  }
  await using pit = await start(tools)
  pit.tools.register("back", (_, { execute }) => execute("flaky", {}, { idempotent: true }))
  expect(await pit.execute("outer")).toBe(2)
  expect(pit.stats()).toMatchObject({ retried: 1, errors: 0 })
})
