import { type Snakepit, Tensor } from "@snakepit/core"
import { grpc } from "@snakepit/transport-grpc"
import { json } from "@snakepit/transport-json"
import { msgpack } from "@snakepit/transport-msgpack"
import { describe, expect, test } from "vitest"
import { errorOf, start } from "./helpers.js"

const transports = { json, msgpack, grpc }

const variables = (size = 1): Promise<Snakepit> => start("variables:Variables", { size })

describe.each(Object.entries(transports))("over %s", (_name, transport) => {
  const overIt = (): Promise<Snakepit> =>
    start("variables:Variables", { size: 1 }, { transports: [transport()] })

  test("what Python writes is there for TypeScript, also what it did not await", async () => {
    const session = (await overIt()).session()
    await session.execute("load")
    const { shape, rate, name } = await session.variables.getMany(["shape", "rate", "name"])
    expect([shape.value, rate.value, name.value]).toEqual([[3, 4], 0.75, "better"])
    expect([shape.type, rate.type, name.type]).toEqual(["list", "float", "string"])
    expect([rate.version, name.version]).toEqual([2, 2])
  })

  test("embeddings and tensors arrive as the numbers they are", async () => {
    const session = (await overIt()).session()
    const seen = await session.execute("process_embeddings", { batch_size: 8 })
    expect(seen).toEqual({ shape: [8, 512], same: true })
    const { value } = await session.variables.get<"embedding">("batch_embeddings")
    expect(value).toBeInstanceOf(Tensor)
    expect(value.shape).toEqual([8, 512])
    const matrix = new Tensor("float32", [2, 2], new Float32Array([1, 2, 3, 4]))
    await session.variables.register("matrix", "tensor", matrix)
    await session.execute("scale", { by: 2 })
    const scaled = await session.variables.get<"tensor">("matrix")
    expect(scaled.value).toEqual(new Tensor("float32", [2, 2], new Float32Array([2, 4, 6, 8])))
  })
})

test("what TypeScript writes is there for Python, in the types it has there", async () => {
  const session = (await variables()).session()
  const { register } = session.variables
  const put: typeof register = register.bind(session.variables)
  await put("b", "boolean", true)
  await put("i", "integer", 1)
  await put("f", "float", 1)
  await put("s", "string", "text")
  await put("c", "choice", "a", { choices: ["a", "b"] })
  await put("m", "module", "math")
  await put("e", "embedding", [1, 2])
  await put("t", "tensor", [[1, 2]])
  await put("l", "list", [1])
  await put("o", "map", { k: 1 })
  expect(await session.execute("describe")).toEqual({
    b: ["bool", true],
    i: ["int", true],
    f: ["float", true],
    s: ["str", true],
    c: ["str", true],
    m: ["str", true],
    e: ["list", true],
    t: ["ndarray", true],
    l: ["list", true],
    o: ["dict", true],
  })
})

test("a refusal is an exception that names the reason", async () => {
  const session = (await variables()).session()
  await session.variables.register("rate", "float", 0.5, { min: 0, max: 1 })
  const [kind, text] = await session.execute<string[]>("catch", { name: "rate", value: 2 })
  expect(kind).toBe("InvalidVariableError")
  expect(text).toContain("rate")
  expect(await session.execute("catch", { name: "missing", value: 2 })).toEqual([
    "UnknownVariableError",
    expect.stringContaining("missing"),
  ])
})

describe.each(["read_around", "read_around_async"])("%s reads anew", (tool) => {
  test("after a callback in which a tool of its own worker wrote", async () => {
    const pit = await variables()
    const session = pit.session()
    await session.variables.register("x", "integer", 1)
    pit.tools.register("between", async () => {
      await pit.execute("write", { value: 2 })
      return (await session.variables.get("x")).value
    })
    expect(await session.execute(tool)).toEqual([1, 1, 2, 2])
  })

  test("after a callback in which a tool of another worker wrote", async () => {
    const pools = { left: { size: 1 }, right: { size: 1 } }
    const pit = await start("variables:Variables", {}, { pools })
    const session = pit.session()
    await session.variables.register("x", "integer", 1)
    pit.tools.register("between", () => pit.execute("write", { value: 2 }, { pool: "right" }))
    expect(await session.execute(tool, {}, { pool: "left" })).toEqual([1, 1, null, 2])
  })

  test("after a callback in which TypeScript wrote", async () => {
    const pit = await variables()
    const session = pit.session()
    await session.variables.register("x", "integer", 1)
    pit.tools.register("between", () => session.variables.update("x", 2).then(() => null))
    expect(await session.execute(tool)).toEqual([1, 1, null, 2])
  })
})

test("a tool is not called without the variables that it requires", async () => {
  const session = (await variables()).session()
  const error = await errorOf(session.execute("requires"))
  expect(error).toMatchObject({ _tag: "ToolError", type: "UnknownVariable" })
  expect(error.message).toContain("'x'")
  await session.variables.register("x", "integer", 1)
  expect(await session.execute("requires")).toBe("ran")
})

test("programs are shared as well", async () => {
  const pit = await variables()
  const session = pit.session()
  await pit.programs.store("shared", { n: 1 })
  expect(await session.execute("programs")).toEqual([["p"], { n: 1 }])
  expect(await session.programs.get("p")).toEqual({ signature: "question -> answer" })
})
