import { expect, test } from "vitest"
import { openContents } from "./contents.js"

const integer = (name: string, value: unknown = 1) => ({ name, type: "integer", value })

test("a variable is what was registered, with its version and its date", async () => {
  const { variables } = openContents().contents
  const before = Date.now()
  const declaration = { name: "t", type: "float", value: 0.7, constraints: { min: 0, max: 1 } }
  const [made] = await variables.register("s", [declaration])
  expect(made).toEqual({ ...declaration, version: 1, updatedAt: expect.any(Date) })
  expect(made?.updatedAt.getTime()).toBeGreaterThanOrEqual(before)
  expect(await variables.get("s", ["t"])).toEqual([made])
})

test("each write counts the version up, and is held to type and constraints", async () => {
  const { variables } = openContents().contents
  await variables.register("s", [{ ...integer("n"), constraints: { max: 3 } }])
  expect(await variables.update("s", new Map([["n", 2]]))).toMatchObject([{ value: 2, version: 2 }])
  await expect(variables.update("s", new Map([["n", 4]]))).rejects.toMatchObject({
    _tag: "InvalidVariable",
    message: 'the variable "n" must be at most 3, not 4',
  })
  await expect(variables.update("s", new Map([["n", "2"]]))).rejects.toMatchObject({
    _tag: "InvalidVariable",
  })
  expect(await variables.get("s", ["n"])).toMatchObject([{ value: 2, version: 2 }])
})

test("to register again replaces type, value and constraints", async () => {
  const { variables } = openContents().contents
  await variables.register("s", [{ ...integer("n"), constraints: { max: 3 } }])
  await variables.register("s", [{ name: "n", type: "string", value: "x" }])
  expect(await variables.get("s", ["n"])).toMatchObject([
    { type: "string", value: "x", constraints: {}, version: 2 },
  ])
})

test("what does not exist is an error, and named", async () => {
  const { variables } = openContents().contents
  const unknown = { _tag: "UnknownVariable", variable: "m", message: expect.stringContaining('"m"') }
  await variables.register("s", [integer("n")])
  await expect(variables.get("s", ["n", "m"])).rejects.toMatchObject(unknown)
  await expect(variables.update("s", new Map([["m", 1]]))).rejects.toMatchObject(unknown)
  expect(await variables.delete("s", ["m", "n", "n"])).toBe(1)
  expect(await variables.delete("s", ["n"])).toBe(0)
  expect(await variables.list("s")).toEqual([])
})

test("several updates are made together, or not at all", async () => {
  const { variables } = openContents().contents
  await variables.register("s", [integer("a"), integer("b")])
  const refused = [
    new Map<string, unknown>([
      ["a", 2],
      ["b", "no"],
    ]),
    new Map([
      ["a", 2],
      ["c", 2],
    ]),
    new Map([
      ["a", 2],
      ["", 2],
    ]),
  ]
  for (const updates of refused) await expect(variables.update("s", updates)).rejects.toThrow()
  expect(await variables.list("s")).toMatchObject([integer("a", 1), integer("b", 1)])
  expect(
    await variables.update(
      "s",
      new Map([
        ["b", 3],
        ["a", 2],
      ]),
    ),
  ).toMatchObject([
    { name: "b", value: 3 },
    { name: "a", value: 2 },
  ])
})

test("a session has so many variables and no more; replacing one is no new one", async () => {
  const { variables } = openContents({ maxVariables: 2 }).contents
  await variables.register("s", [integer("a"), integer("b")])
  const quota = { _tag: "VariableQuotaExceeded", limit: 2 }
  await expect(variables.register("s", [integer("c")])).rejects.toMatchObject(quota)
  await expect(variables.register("s", [integer("a", 5), integer("c")])).rejects.toMatchObject(quota)
  await variables.register("s", [integer("a", 2)])
  await variables.register("t", [integer("c")])
  await variables.delete("s", ["b"])
  await variables.register("s", [integer("c", 3)])
  expect(await variables.list("s")).toMatchObject([integer("a", 2), integer("c", 3)])
})

test("what is exported is imported again, all of it or nothing", async () => {
  const { variables } = openContents({ maxVariables: 3 }).contents
  await variables.register("s", [
    { name: "b", type: "tensor", value: [[1, 2]], constraints: { shape: [null, 2] } },
    integer("a"),
  ])
  const exported = await variables.export("s")
  expect(exported).toMatchObject({
    version: 1,
    variables: [{ name: "a" }, { name: "b", constraints: { shape: [null, 2] } }],
  })
  await variables.register("t", [integer("a", 7), integer("c", 8)])
  await variables.import("t", exported)
  expect(await variables.list("t")).toMatchObject([
    { name: "a", value: 1, version: 2 },
    { name: "b" },
    { name: "c", value: 8 },
  ])

  const broken = {
    ...exported,
    variables: [{ ...integer("a", 9) }, { name: "d", type: "float", value: "x" }],
  }
  await expect(variables.import("t", broken)).rejects.toMatchObject({
    _tag: "InvalidVariable",
    variable: "d",
  })
  await expect(
    variables.import("t", { version: 1, variables: [integer("d"), integer("a", 9)] }),
  ).rejects.toMatchObject({
    _tag: "VariableQuotaExceeded",
  })
  expect(await variables.get("t", ["a"])).toMatchObject([{ value: 1 }])
})

test.each([
  [5, "must be a map, not 5"],
  [{ version: 2, variables: [] }, "has the version 2; only version 1 can be read"],
  [{ version: 1 }, "must have a list of variables, not undefined"],
  [{ version: 1, variables: [1] }, "has variables, which must be maps, not 1"],
])("%o is nothing that was exported", async (exported, reason) => {
  const { variables } = openContents().contents
  const error = { _tag: "InvalidParameter", key: "exported", reason }
  await expect(variables.import("s", exported)).rejects.toMatchObject(error)
})

test("sessions see their own variables only", async () => {
  const { variables } = openContents().contents
  await variables.register("s", [integer("n")])
  await expect(variables.get("t", ["n"])).rejects.toMatchObject({ _tag: "UnknownVariable" })
  expect(await variables.list("t")).toEqual([])
  expect(await variables.delete("t", ["n"])).toBe(0)
})

test("nothing is kept for a session that has ended", async () => {
  const { contents, open } = openContents()
  const { variables } = contents
  const late = variables.register("s", [integer("n")])
  open.delete("s")
  await expect(late).rejects.toMatchObject({ _tag: "UnknownSession", session: "s" })
  await expect(variables.list("s")).rejects.toMatchObject({ _tag: "UnknownSession" })
})
