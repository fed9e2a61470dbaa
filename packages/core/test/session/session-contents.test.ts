import { describe, expect, expectTypeOf, test } from "vitest"
import type { Args, Tensor } from "../../src/index.js"
import { GlobalPrograms, SessionPrograms, SessionVariables } from "../../src/session-contents.js"
import { openContents } from "./contents.js"

function open() {
  const { contents } = openContents()
  const calls: (readonly [string, Args])[] = []
  const answers: unknown[] = []
  let touches = 0
  const touch = () => {
    touches += 1
  }
  const execute = async (tool: string, args: Args) => {
    calls.push([tool, args])
    return answers.shift()
  }
  return {
    variables: new SessionVariables(contents, "s", touch),
    programs: new SessionPrograms(contents, "s", touch, execute),
    global: new GlobalPrograms(contents),
    calls,
    answers,
    touches: () => touches,
  }
}

describe("variables", () => {
  test("are written and read, and each use is one of the session", async () => {
    const { variables, touches } = open()
    await variables.register("t", "float", 0.7, { min: 0, max: 1 })
    const { value } = await variables.get<"float">("t")
    expect(value.toFixed(1)).toBe("0.7")
    expect(await variables.update("t", 0.9)).toMatchObject({ value: 0.9, version: 2 })
    await variables.register("v", "embedding", [1, 2])
    const { t, v } = await variables.getMany(["t", "v"])
    expect([t.value, v.version]).toEqual([0.9, 1])
    expect(await variables.updateMany({ t: 0.1, v: Float32Array.of(3) })).toMatchObject({
      t: { value: 0.1 },
      v: { value: { dtype: "float32" } },
    })
    expect((await variables.list()).map(({ name }) => name)).toEqual(["t", "v"])
    const exported = await variables.export()
    expect([await variables.delete("t"), await variables.delete("t")]).toEqual([true, false])
    await variables.import(exported)
    expect(await variables.get("t")).toMatchObject({ value: 0.1, version: 1 })
    expect(touches()).toBe(12)
  })

  test("are watched", async () => {
    const { variables } = open()
    const changes = variables.watch(["a"])
    await variables.register("a", "list", [1])
    for await (const change of changes) {
      expect(change).toEqual({ name: "a", value: [1], version: 1, deleted: false })
      break
    }
  })

  test("cannot be used when the session cannot", async () => {
    const { contents } = openContents()
    const variables = new SessionVariables(contents, "s", () => {
      throw new RangeError("closed")
    })
    await expect(variables.list()).rejects.toThrow("closed")
    expect(() => variables.watch()).toThrow("closed")
  })

  test("have types that know their values and constraints", () => {
    const { variables } = open()
    const uncalled = async () => {
      // @ts-expect-error: a choice needs its choices.
      await variables.register("c", "choice", "a")
      // @ts-expect-error: text has no bounds.
      await variables.register("s", "string", "a", { min: 1 })
      // @ts-expect-error: a boolean is no number.
      await variables.register("f", "float", true)
      // @ts-expect-error: bytes are no numbers.
      await variables.register("e", "embedding", "abc")
      expectTypeOf(await variables.register("t", "tensor", [[1], [2]]))
        .toHaveProperty("value")
        .toEqualTypeOf<Tensor>()
      expectTypeOf((await variables.register("n", "integer", 1n)).value).toEqualTypeOf<number | bigint>()
      const variable = await variables.get("x")
      if (variable.type === "boolean") expectTypeOf(variable.value).toEqualTypeOf<boolean>()
    }
    expect(uncalled).toBeTypeOf("function")
  })
})

describe("programs", () => {
  test("are kept for the session, or for all", async () => {
    const { programs, global } = open()
    await programs.store("p", { code: "1 + 1" })
    await global.store("p", { code: "2 + 2" })
    expect(await programs.get<{ code: string }>("p")).toEqual({ code: "1 + 1" })
    expect(await global.get("p")).toEqual({ code: "2 + 2" })
    expect([await programs.list(), await global.list()]).toEqual([["p"], ["p"]])
    expect([await programs.delete("p"), await global.delete("p"), await global.delete("p")]).toEqual([
      true,
      true,
      false,
    ])
  })

  test("are created and executed by tools", async () => {
    const { programs, calls, answers } = open()
    answers.push({ program_id: "p1", compiled: true }, "Paris")
    const args = { signature: "question -> answer", temperature: 0.7 }
    const program = { ...args, compiled: true, program_id: "p1" }
    expect(await programs.create(args)).toEqual(program)
    expect(await programs.get("p1")).toEqual(program)
    const input = { question: "What is the capital of France?" }
    expect(await programs.execute<string>("p1", input)).toBe("Paris")
    expect(calls).toEqual([
      ["create_program", args],
      ["execute_program", { program_id: "p1", program, input }],
    ])
  })

  test("get an id when their tool gives none", async () => {
    const { programs, answers } = open()
    answers.push("done", null)
    const first = await programs.create()
    const second = await programs.create()
    expect(first).toEqual({ response: "done", program_id: expect.any(String) })
    expect(second.program_id).not.toBe(first.program_id)
    expect(await programs.list()).toEqual([first.program_id, second.program_id].sort())
  })

  test("that are not there reach no worker", async () => {
    const { programs, calls } = open()
    await expect(programs.execute("p", 1)).rejects.toMatchObject({ _tag: "UnknownProgram" })
    expect(calls).toEqual([])
  })
})
