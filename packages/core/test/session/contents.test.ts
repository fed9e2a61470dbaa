import { describe, expect, test } from "vitest"
import { MemoryBackend } from "../../src/session/memory-backend.js"
import { openContents } from "./contents.js"
import { OptimisticBackend } from "./optimistic-backend.js"

const declaration = { name: "n", type: "integer", value: 1 }

describe.each([
  ["in memory", () => new MemoryBackend()],
  ["with optimistic writers", () => new OptimisticBackend(7)],
])("contents kept %s", (_name, make) => {
  test("end with their session; global programs stay", async () => {
    const backend = make()
    const { contents, open } = openContents({}, backend)
    const { variables, programs, data } = contents
    await variables.register("s", [declaration])
    await programs.store("s", "p", 1)
    await data.update("s", () => ({ a: 1 }))
    await programs.store(null, "p", 1)
    await variables.register("t", [declaration])
    expect(backend.size).toBe(5)
    open.delete("s")
    await contents.end("s")
    expect(backend.size).toBe(2)
    expect(await programs.list(null)).toEqual(["p"])
    expect(await variables.list("t")).toHaveLength(1)
    expect(contents.stats()).toEqual({ watches: 0, sessionsAtWork: 0 })
  })

  test("leave nothing behind of what was under way when their session ended", async () => {
    const backend = make()
    const { contents, open } = openContents({}, backend)
    const work = Array.from({ length: 10 }, (_, n) => [
      contents.variables.register("s", [{ ...declaration, name: `${n}` }]),
      contents.programs.store("s", `${n}`, n),
    ]).flat()
    const outcomes = Promise.allSettled(work)
    await work[0]
    open.delete("s")
    await contents.end("s")
    expect(backend.size).toBe(0)
    const refused = (await outcomes).filter(({ status }) => status === "rejected")
    expect(refused.length).toBeGreaterThan(0)
    expect(refused).toMatchObject(refused.map(() => ({ reason: { _tag: "UnknownSession" } })))
  })

  test("are empty for a session that takes the id of one that ends", async () => {
    const { contents, open } = openContents({}, make())
    await contents.variables.register("s", [declaration])
    open.delete("s")
    const ended = contents.end("s")
    open.add("s")
    expect(await contents.variables.list("s")).toEqual([])
    await contents.variables.register("s", [{ ...declaration, value: 2 }])
    await ended
    expect(await contents.variables.list("s")).toMatchObject([{ value: 2, version: 1 }])
  })
})

test("a failing backend fails what was asked of it, and not what comes next", async () => {
  const backend = new MemoryBackend()
  const { contents } = openContents({}, backend)
  const failing = contents.variables.list("s")
  backend.entries = () => Promise.reject(new Error("the network is down"))
  await expect(failing).rejects.toThrow("the network is down")
  await contents.programs.store("s", "p", 1)
  expect(await contents.programs.get("s", "p")).toBe(1)
})
