import { expect, test } from "vitest"
import { builtInTools } from "../../src/session/built-in-tools.js"
import { openContents } from "./contents.js"

function open() {
  const { contents } = openContents({ maxPrograms: 1 })
  const tools = builtInTools(contents)
  const call = (name: string, args: object, session: string | undefined = "s"): Promise<unknown> => {
    const tool = tools.get(`snakepit.${name}`)
    if (tool === undefined) throw new Error(`there is no ${name}`)
    return tool({ ...args }, session)
  }
  return { contents, tools, call }
}

test("variables can be used as a worker would", async () => {
  const { call } = open()
  const made = {
    name: "n",
    type: "integer",
    value: 1,
    constraints: { max: 5 },
    version: 1,
    updated_at: expect.any(Date),
  }
  const { version, updated_at, ...declaration } = made
  const { value, ...written } = made
  expect(await call("variables.register", declaration)).toEqual(written)
  await call("variables.register", { name: "__proto__", type: "list", value: [], constraints: null })
  expect(await call("variables.get", { names: ["n"] })).toEqual({ n: made })
  const updated = await call("variables.update", { updates: JSON.parse('{"n": 2, "__proto__": [1]}') })
  expect(Object.entries(updated as object)).toEqual([
    ["n", { ...written, version: 2 }],
    ["__proto__", expect.objectContaining({ type: "list", version: 2 })],
  ])
  expect(await call("variables.get", { names: ["n"] })).toEqual({ n: { ...made, value: 2, version: 2 } })
  const light = await call("variables.get", { names: ["n"], values: false })
  expect(light).toEqual({ n: { ...written, version: 2 } })
  expect(await call("variables.list", {})).toMatchObject([{ name: "__proto__" }, { name: "n", value: 2 }])
  expect(await call("variables.delete", { names: ["n", "m"] })).toBe(1)
})

test("programs can be used as a worker would", async () => {
  const { call } = open()
  expect(await call("programs.store", { id: "p", program: { a: 1 } })).toBeUndefined()
  expect(await call("programs.store", { id: "g", program: 2, global: true }, undefined)).toBeUndefined()
  expect(await call("programs.get", { id: "p" })).toEqual({ a: 1 })
  expect(await call("programs.get", { id: "g", global: true })).toBe(2)
  expect(await call("programs.list", { global: false })).toEqual(["p"])
  expect(await call("programs.list", { global: true })).toEqual(["g"])
  await expect(call("programs.store", { id: "q", program: 1 })).rejects.toMatchObject({
    name: "ProgramQuotaExceeded",
  })
  expect(await call("programs.delete", { id: "p" })).toBe(true)
  expect(await call("programs.delete", { id: "p", global: null })).toBe(false)
})

test("the session is the call's, whatever the arguments say", async () => {
  const { call } = open()
  await call("variables.register", { name: "n", type: "integer", value: 1, session: "t" })
  await expect(call("variables.get", { names: ["n"], session: "s" }, "t")).rejects.toMatchObject({
    name: "UnknownVariable",
  })
})

test("outside of a session there is nothing of one", async () => {
  const { tools } = open()
  for (const [name, tool] of tools) {
    const args = { names: [], updates: {}, id: "p", program: 1, name: "n", type: "integer", value: 1 }
    await expect(tool(args, undefined)).rejects.toMatchObject({ name: "NoSession", tool: name })
  }
  expect(tools.size).toBe(9)
})

test.each([
  ["variables.get", {}, "args.names", "must be a list of text, not undefined"],
  ["variables.get", { names: ["a", 1] }, "args.names", "must be a list of text, not [ 'a', 1 ]"],
  ["variables.update", { updates: [1] }, "args.updates", "must be a map, not [ 1 ]"],
  ["variables.delete", { names: "n" }, "args.names", "must be a list of text, not 'n'"],
  ["programs.get", { id: "p", global: 1 }, "args.global", "must be true or false, not 1"],
  ["programs.get", { id: 5 }, "id", "must be text of 1 to 256 bytes of UTF-8, not 5"],
])("%s is refused with %o", async (name, args, key, reason) => {
  const { call } = open()
  await expect(call(name, args)).rejects.toMatchObject({ name: "InvalidParameter", key, reason })
})

test.each([{}, { name: "n" }, { name: "n", type: "integer" }])("%o is no variable", async (args) => {
  const { call } = open()
  await expect(call("variables.register", args)).rejects.toMatchObject({ name: "InvalidVariable" })
})
