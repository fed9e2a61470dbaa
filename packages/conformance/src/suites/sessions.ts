import type { HostToolContext, Snakepit } from "@snakepit/core"
import { expect, test } from "vitest"
import { errorOf } from "../outcomes.js"
import { difference } from "../values/same.js"
import { variableCases } from "../variables.js"
import type { Suite, World } from "../world.js"
import { altered } from "../wrapped.js"
import { ask, sessionEnds, victim } from "./session-ends.js"

/** The tools of the host that serve sessions, with arguments that would do. */
const builtIns = [
  ["snakepit.variables.register", { name: "secret", type: "integer", value: 2 }],
  ["snakepit.variables.get", { names: ["secret"] }],
  ["snakepit.variables.update", { updates: { secret: 2 } }],
  ["snakepit.variables.list", {}],
  ["snakepit.variables.delete", { names: ["secret"] }],
  ["snakepit.programs.store", { id: "secret", program: 2 }],
  ["snakepit.programs.get", { id: "secret" }],
  ["snakepit.programs.list", {}],
  ["snakepit.programs.delete", { id: "secret" }],
] as const

/** A pool whose worker claims that every call of its is made for the session `victim`. */
function forging(world: World): Promise<Snakepit> {
  const transport = altered(world.transport, (frame) => [
    frame.type === "call" ? { ...frame, session: "victim" } : frame,
  ])
  return world.start({ transports: [transport] })
}

export const sessions: Suite = {
  full(world) {
    variables(world)
    programs(world)
    isolation(world)
    sessionEnds(world)
  },
}

function variables(world: World): void {
  test.each(Object.keys(variableCases))(
    "[SE-3] a variable means the same to both sides, whoever writes it: %s",
    async (name) => {
      const { type, value, constraints = {}, reads } = variableCases[name] ?? expect.unreachable()
      await using session = world.pit.session()
      await session.execute("write_variable", { name })
      const written = await session.variables.get(name)
      expect(difference(reads, written.value)).toBeUndefined()
      expect(written).toMatchObject({ name, type, constraints, version: 1, updatedAt: expect.any(Date) })
      expect(await session.execute("read_variable", { name })).toBe("the same")
      await session.variables.delete(name)
      await session.variables.import({ version: 1, variables: [{ ...written, value: written.value }] })
      await session.variables.update(name, value)
      expect(await session.execute("read_variable", { name })).toBe("the same")
    },
  )

  test("[SE-3] a variable that a worker hears of is as the protocol says", async () => {
    await using session = world.pit.session()
    const { updatedAt } = await session.variables.register("t", "float", 0.5, { min: 0, max: 1 })
    const variable = {
      name: "t",
      type: "float",
      value: 0.5,
      constraints: { min: 0, max: 1 },
      version: 1,
      updated_at: updatedAt,
    }
    expect(await ask(session, "snakepit.variables.list")).toEqual({ value: [variable] })
    expect(await ask(session, "snakepit.variables.get", { names: ["t"] })).toEqual({ value: { t: variable } })
    expect(await ask(session, "snakepit.variables.delete", { names: ["t", "u"] })).toEqual({ value: 1 })
  })

  test.each([
    ["UnknownVariable", "snakepit.variables.get", { names: ["n", "m"] }, '"m"'],
    ["UnknownVariable", "snakepit.variables.update", { updates: { m: 1 } }, '"m"'],
    ["InvalidVariable", "snakepit.variables.update", { updates: { n: 4 } }, "at most 3, not 4"],
    ["InvalidVariable", "snakepit.variables.update", { updates: { n: true } }, "an integer"],
    ["InvalidVariable", "snakepit.variables.register", { name: "", type: "integer", value: 1 }, "a name"],
    [
      "InvalidVariable",
      "snakepit.variables.register",
      { name: "x", type: "number", value: 1 },
      "one of the types",
    ],
    [
      "VariableQuotaExceeded",
      "snakepit.variables.register",
      { name: "x", type: "integer", value: 1 },
      "maxVariables",
    ],
    ["UnknownProgram", "snakepit.programs.get", { id: "q" }, '"q"'],
    ["ProgramQuotaExceeded", "snakepit.programs.store", { id: "q", program: 1 }, "maxPrograms"],
    ["InvalidParameter", "snakepit.programs.store", { id: "", program: 1 }, "text of 1 to 256 bytes"],
    ["InvalidParameter", "snakepit.variables.get", { names: "n" }, "a list of text"],
  ])("[SE-5] a worker is told what is wrong: %s of %s with %o", async (type, tool, args, message) => {
    const pit = await world.start({ sessions: { maxVariables: 1, maxPrograms: 1 } })
    const session = pit.session()
    await session.variables.register("n", "integer", 1, { max: 3 })
    await session.programs.store("p", 1)
    const answer = await ask(session, tool, args)
    expect(answer).toMatchObject({ code: "tool_error", type, message: expect.stringContaining(message) })
  })

  test("[SE-6] several variables are written as a whole, or not at all", async () => {
    await using session = world.pit.session()
    await session.variables.register("a", "integer", 1)
    await session.variables.register("b", "integer", 1, { max: 3 })
    await session.execute("update_variables", { updates: { a: 2, b: 3 } })
    const error = await errorOf(session.execute("update_variables", { updates: { a: 3, b: 4 } }))
    expect(error.message).toContain("at most 3, not 4")
    expect(await session.variables.list()).toMatchObject([
      { name: "a", value: 2, version: 2 },
      { name: "b", value: 3, version: 2 },
    ])
  })

  test("a watch sees what a worker writes, and ends with the session", async () => {
    const session = world.pit.session()
    await session.variables.register("a", "integer", 1)
    const changes = session.variables.watch(["a", "string"])
    await session.execute("update_variables", { updates: { a: 2 } })
    await session.execute("write_variable", { name: "string" })
    await session.execute("write_variable", { name: "float" })
    expect((await changes.next()).value).toEqual({ name: "a", value: 2, version: 2, deleted: false })
    expect((await changes.next()).value).toMatchObject({ name: "string", version: 1 })
    await ask(session, "snakepit.variables.delete", { names: ["a"] })
    expect((await changes.next()).value).toMatchObject({ name: "a", deleted: true })
    const end = changes.next()
    await session.close()
    expect((await end).done).toBe(true)
  })
}

function programs(world: World): void {
  test("[SE-3] programs are kept for the session, or for all", async () => {
    const pit = await world.start()
    const session = pit.session()
    const stored = { id: "p", program: { code: "1 + 1" } }
    expect(await ask(session, "snakepit.programs.store", stored)).toEqual({ value: null })
    expect(await ask(pit, "snakepit.programs.store", { id: "g", program: [1], global: true })).toEqual({
      value: null,
    })
    expect(await session.programs.get("p")).toEqual({ code: "1 + 1" })
    expect(await pit.programs.get("g")).toEqual([1])
    expect(await ask(session, "snakepit.programs.list")).toEqual({ value: ["p"] })
    expect(await ask(session, "snakepit.programs.list", { global: true })).toEqual({ value: ["g"] })
    expect(await ask(session, "snakepit.programs.delete", { id: "g" })).toEqual({ value: false })
    expect(await ask(pit, "snakepit.programs.delete", { id: "g", global: true })).toEqual({ value: true })
  })

  test("tools create programs and execute them", async () => {
    await using session = world.pit.session()
    const program = { signature: "question -> answer", program_id: "made", fields: 1 }
    expect(await session.programs.create({ signature: "question -> answer" })).toEqual(program)
    expect(await session.execute("program", { id: "made" })).toEqual(program)
    const input = { question: "What is the capital of France?" }
    expect(await session.programs.execute("made", input)).toEqual({ program_id: "made", program, input })
  })
}

function isolation(world: World): void {
  test("[SE-4] what belongs to another session does not exist", async () => {
    const pit = await world.start()
    const stranger = pit.session("stranger")
    const before = await Promise.all(builtIns.slice(1).map(([tool, args]) => ask(stranger, tool, args)))
    await victim(pit)
    const after = await Promise.all(builtIns.slice(1).map(([tool, args]) => ask(stranger, tool, args)))
    expect(after).toEqual(before)
    expect(await ask(stranger, "secret")).toMatchObject({ code: "unknown_tool" })
    expect(await ask(stranger, "snakepit.tools.list")).toEqual({ value: [] })
  })

  test("[SE-3] [SE-4] the id of a session lets nobody in, whatever a frame claims", async () => {
    const pit = await forging(world)
    const session = await victim(pit)
    const stranger = pit.session("stranger")
    for (const [tool, args] of builtIns) await ask(stranger, tool, args)
    expect(await ask(stranger, "snakepit.variables.get", { names: ["secret"] })).toMatchObject({
      type: "UnknownVariable",
    })
    expect(await ask(stranger, "secret")).toMatchObject({ code: "unknown_tool" })
    expect(await session.variables.get("secret")).toMatchObject({ value: 1, version: 1 })
    expect(await session.programs.get("secret")).toBe(1)
    pit.tools.register("who", (_args, context: HostToolContext) => context.session ?? "nobody")
    expect(await ask(stranger, "who")).toEqual({ value: "stranger" })
    expect(await ask(pit, "who")).toEqual({ value: "nobody" })
  })

  test.each(builtIns)("[SE-5] outside of a session there is nothing of one: %s", async (tool, args) => {
    const pit = await forging(world)
    await victim(pit)
    expect(await ask(pit, tool, args)).toMatchObject({ code: "tool_error", type: "NoSession" })
  })

  test("a worker keeps what sessions have apart", async () => {
    const pit = await world.start()
    const [one, other] = [pit.session("one"), pit.session("other")]
    await one.execute("remember", { value: 1 })
    expect(await other.execute("recall")).toBeNull()
    expect(await pit.execute("recall")).toBeNull()
    expect(await one.execute("recall")).toBe(1)
  })
}
