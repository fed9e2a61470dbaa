import { expect, test } from "vitest"
import { errorOf, start, until } from "./helpers.js"

const ofSession = (size = 1) => start("instances:OfSession", { size })

interface Left {
  readonly cleaned: readonly string[]
  readonly instances: number
}

test("each session has an instance of its own, which goes with it", async () => {
  const pit = await ofSession()
  const [left, right] = [pit.session("left"), pit.session("right")]
  expect(await left.execute("note", { text: "l" })).toEqual(["initialized", "l"])
  expect(await right.execute("note", { text: "r" })).toEqual(["initialized", "r"])
  expect(await left.execute("note", { text: "more" })).toEqual(["initialized", "l", "more"])
  await left.close()
  const after = (): Promise<Left> => pit.execute<Left>("left")
  let seen = await after()
  while (seen.cleaned.length === 0) seen = await after()
  expect(seen).toEqual({ cleaned: ["left"], instances: 2 })
  expect(await pit.session("left").execute("note", { text: "new" })).toEqual(["initialized", "new"])
})

test("every worker that served a session lets go of it", async () => {
  const pit = await ofSession(3)
  const session = pit.session("wide")
  let arrived = 0
  pit.tools.register("meet", async () => {
    arrived += 1
    await until(() => arrived >= 3)
    return arrived
  })
  await Promise.all([1, 2, 3].map(() => session.execute("ask", { tool: "meet" })))
  await session.close()
  let together = 0
  pit.tools.register("together", async () => {
    together += 1
    await until(() => together >= 3)
  })
  const instances = async (): Promise<number[]> => {
    together = 0
    const all = await Promise.all([1, 2, 3].map(() => pit.execute("ask", { tool: "together" })))
    expect(all).toHaveLength(3)
    const found = await Promise.all([1, 2, 3].map(() => pit.execute<Left>("left")))
    return found.map((one) => one.instances)
  }
  let found = await instances()
  while (found.some((count) => count !== 1)) found = await instances()
  expect(found).toEqual([1, 1, 1])
})

test("a session that expires is cleaned up", async () => {
  const pit = await start("instances:OfSession", {}, { sessions: { cleanupInterval: 20 } })
  await pit.session("brief", { ttl: 50 }).execute("note", { text: "x" })
  let seen = await pit.execute<Left>("left")
  while (seen.cleaned.length === 0) seen = await pit.execute<Left>("left")
  expect(seen).toEqual({ cleaned: ["brief"], instances: 1 })
})

test("a nested call of a session finds the session's instance, of no session it finds the shared one", async () => {
  const pit = await ofSession()
  const session = pit.session("outer")
  pit.tools.register("nested", () => pit.execute("note", { text: "nested" }))
  expect(await session.execute("ask", { tool: "nested" })).toEqual([
    ["initialized", "nested"],
    ["initialized", "nested"],
  ])
  expect(await pit.execute("note", { text: "outside" })).toEqual(["initialized", "outside"])
})

test("an instance of each call goes with the call, however it ends", async () => {
  const pit = await start("instances:OfRequest", { size: 1 })
  expect(await pit.execute("note", { text: "a" })).toEqual(["initialized", "a"])
  expect(await pit.execute("note", { text: "b" })).toEqual(["initialized", "b"])
  for await (const chunk of pit.stream<number>("count", { n: 1e9 })) if (chunk.data === 3) break
  await errorOf(pit.execute("ask", { tool: "nobody" }))
  await until(() => pit.stats().busy === 0)
  // The one that found the tools, and the one that answers.
  expect(await pit.execute("left")).toEqual({ cleaned: ["None", "None", "None", "None"], instances: 2 })
})
