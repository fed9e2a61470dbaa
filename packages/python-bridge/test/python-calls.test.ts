import { Snakepit } from "@snakepit/core"
import { python, pythonCalls } from "@snakepit/python-bridge"
import { json } from "@snakepit/transport-json"
import { describe, expect, onTestFinished, test } from "vitest"
import { errorOf, start } from "./helpers.js"

async function generic(size = 1): Promise<Snakepit> {
  return start("basic:Basic", { size }, { python: { generic: true } })
}

test("any function can be called, with no adapter at all", async () => {
  const pit = await Snakepit.start({
    adapter: python(),
    transports: [json()],
    pool: { size: 1 },
    logger: false,
  })
  onTestFinished(() => pit.close({ grace: 0 }))
  const py = pythonCalls(pit)
  expect(await py.call("math.sqrt", [16])).toBe(4)
  expect(await py.call<number>("statistics.mean", [[1, 2, 3, 4]])).toBe(2.5)
  expect(await py.call("builtins.sorted", [[3, 1, 2]], { reverse: true })).toEqual([3, 2, 1])
  expect(await py.get("math.pi")).toBe(Math.PI)
})

test("an adapter's workers offer them only when asked to", async () => {
  const pit = await start("basic:Basic")
  expect(await errorOf(pythonCalls(pit).call("math.sqrt", [16]))).toMatchObject({ _tag: "UnknownTool" })
  expect(await pythonCalls(await generic()).call("math.sqrt", [16])).toBe(4)
})

describe("an object stays in the worker", () => {
  test("and its methods are called", async () => {
    const session = (await generic()).session("s", { affinity: "strict_queue" })
    const py = pythonCalls(session)
    const stored = await py.call("collections.Counter", ["abracadabra"], undefined, { storeAs: "predictor" })
    expect(stored).toMatchObject({ stored: "predictor", type: "collections.Counter" })
    expect(await py.call("stored.predictor.most_common", [1])).toEqual([["a", 5]])
    expect(await py.call("stored.predictor.__getitem__", ["b"])).toBe(2)
    expect(
      await py.call("functools.partial", undefined, undefined, { storeAs: "x" }).catch(String),
    ).toContain("TypeError")
    await py.call("builtins.int", ["10"], { base: 2 }, { storeAs: "two" })
    expect(await py.call("stored.two.__str__")).toBe("2")
    expect(await py.list()).toHaveLength(2)
  })

  test("also values, until they are deleted", async () => {
    const py = pythonCalls(await generic())
    await py.store("matrix", { rows: [1.5, Number.NaN], bytes: new Uint8Array([1, 2]) })
    expect(await py.retrieve("matrix")).toEqual({ rows: [1.5, Number.NaN], bytes: new Uint8Array([1, 2]) })
    expect(await py.list()).toMatchObject([{ stored: "matrix", type: "builtins.dict" }])
    expect([await py.delete("matrix"), await py.delete("matrix")]).toEqual([true, false])
    expect(await errorOf(py.retrieve("matrix"))).toMatchObject({ _tag: "ToolError", type: "UnknownObject" })
  })

  test("that no other session can reach, and that ends with its own", async () => {
    const pit = await generic()
    const [mine, other] = [pit.session("mine"), pit.session("other")]
    await pythonCalls(mine).store("secret", 1)
    for (const caller of [other, pit]) {
      expect(await errorOf(pythonCalls(caller).retrieve("secret"))).toMatchObject({ type: "UnknownObject" })
    }
    expect(await pythonCalls(mine).retrieve("secret")).toBe(1)
    await mine.close()
    let gone = await pythonCalls(pit.session("mine")).list()
    while (gone.length > 0) gone = await pythonCalls(pit.session("mine")).list()
    expect(gone).toEqual([])
  })
})

test("what cannot be called says why", async () => {
  const py = pythonCalls(await generic())
  expect(await errorOf(py.call("math.nothing"))).toMatchObject({ _tag: "ToolError", type: "UnknownTarget" })
  expect(await errorOf(py.call("os._exit", [1]))).toMatchObject({ _tag: "ToolError", type: "UnknownTarget" })
  const raised = await errorOf(py.call("math.sqrt", [-1]))
  expect(raised).toMatchObject({ _tag: "ToolError", type: "ValueError" })
  expect(await py.call("asyncio.sleep", [0, "slept"])).toBe("slept")
})
