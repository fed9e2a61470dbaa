import { Tensor, type Transport } from "@snakepit/core"
import { grpc } from "@snakepit/transport-grpc"
import { json } from "@snakepit/transport-json"
import { msgpack } from "@snakepit/transport-msgpack"
import { describe, expect, test } from "vitest"
import { errorOf, start } from "./helpers.js"

const transports: readonly (readonly [string, () => Transport])[] = [
  ["json", json],
  ["msgpack", msgpack],
  ["grpc", grpc],
]

describe.each(transports)("over %s", (_name, transport) => {
  const begin = () => start("annotations:Annotations", {}, { transports: [transport()] })

  test("what Python would take is taken", async () => {
    const pit = await begin()
    const session = pit.session("s")
    const cases: readonly (readonly [string, Record<string, unknown>, unknown])[] = [
      ["inherited", { value: { any: [1, "a"] } }, { any: [1, "a"] }],
      ["numbers", { whole: true, real: 1, many: [1, 1.5, false] }, ["bool", "int", "int", "float", "bool"]],
      ["numbers", { whole: 2n ** 70n, real: 2n ** 70n }, ["int", "int"]],
      [
        "sequences",
        { names: "ab", nested: { bytes: new Uint8Array([7, 8]) } },
        [["a", "b"], { bytes: [7, 8] }],
      ],
      ["sequences", { names: ["ab"], nested: { row: new Int32Array([7]) } }, [["ab"], { row: [7] }]],
      ["aliased", { value: 1 }, [1, "s"]],
      ["hidden", { value: "1.5" }, ["1.5", 1, "s"]],
      ["hidden", { value: null, user: true }, [null, true, "s"]],
      ["optional", {}, [null, 0, null]],
      ["optional", { a: false, b: "text", c: 3 }, [false, "text", 3]],
      ["literal", { mode: 1 }, 1],
      ["literal", { mode: 1n }, 1],
      ["literal", { mode: true }, true],
      ["literal", { mode: null }, null],
      ["structured", { options: {} }, [{}, "red", true]],
      ["structured", { options: { name: "n", more: 1 }, color: 5 }, [{ name: "n", more: 1 }, 5, true]],
      ["default", { limit: 1.5 }, 1.5],
      ["default", { limit: 2 }, 2],
      ["rest", { first: 1, other: null }, [1, [], 0, { other: null }]],
      ["positional", { a: 1, b: 3 }, [1, 3]],
      ["array", { matrix: Tensor.from(new Int32Array([1, 2, 3, 4]), [2, 2]) }, ["ndarray", 10]],
      ["array", { matrix: new Float64Array([0.5, 1]) }, ["ndarray", 1.5]],
    ]
    for (const [tool, args, expected] of cases)
      expect(await session.execute(tool, args), tool).toEqual(expected)
  })

  test("what it would not is refused", async () => {
    const pit = await begin()
    const cases: readonly (readonly [string, Record<string, unknown>, string])[] = [
      ["numbers", { whole: 1.5, real: 1 }, "args.whole"],
      ["numbers", { whole: 1, real: "1" }, "args.real"],
      ["optional", { a: "text" }, "args.a"],
      ["literal", { mode: 2 }, "args.mode"],
      ["literal", { mode: "1" }, "args.mode"],
      ["default", { limit: "text" }, "args.limit"],
      ["positional", { b: 1 }, "args.a"],
    ]
    for (const [tool, args, key] of cases)
      expect(await errorOf(pit.execute(tool, args)), tool).toMatchObject({ _tag: "InvalidParameter", key })
  })

  test("what a tool measures arrives as events", async () => {
    const pit = await begin()
    const seen: unknown[] = []
    const both = new Promise<void>((resolve) => {
      pit.on("snakepit.worker.event", ({ measurements, metadata }) => {
        seen.push({ measurements, metadata })
        if (seen.length === 2) resolve()
      })
    })
    await pit.execute("measured", {}, { meta: { traceparent: "00-trace" } })
    await both
    const metadata = { kind: "test", span_id: expect.any(String), correlation_id: "00-trace" }
    expect(seen).toMatchObject([
      { measurements: { system_time: expect.any(Number) }, metadata: { name: "work.start", metadata } },
      { measurements: { rows: 7 }, metadata: { name: "work.stop", workerId: "default-1", metadata } },
    ])
  })
})
