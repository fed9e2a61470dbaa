import { expect, test } from "vitest"
import { errorOf } from "../outcomes.js"
import { allCases, cases, nestedLists, type ValueCase } from "../values/cases.js"
import { difference } from "../values/same.js"
import type { Suite, World } from "../world.js"
import { spied } from "../wrapped.js"
import { bytes, generatedValues, ownTypes } from "./python-values.js"

export const values: Suite = {
  basic(world) {
    for (const [rule, name, { value, arrives }] of listed(true)) checkCase(world, rule, name, value, arrives)
    refusedArguments(world)
  },
  full(world) {
    test.each([1000, 1_000_000])(
      "[VA-4] memory of %i bytes that is transferred after the call was made has been sent before",
      async (size) => {
        const sent = new Uint8Array(size).fill(7)
        const call = world.pit.execute("echo", { value: sent })
        const elsewhere = structuredClone(sent, { transfer: [sent.buffer] })
        expect(difference(elsewhere, await call)).toBeUndefined()
        const error = await errorOf(world.pit.execute("echo", { value: [sent] }))
        expect(error).toMatchObject({ _tag: "InvalidParameter", key: "args.value[0]" })
        expect(error.message).toContain("transferred")
      },
    )

    for (const [rule, name, { value, arrives }] of listed(false)) checkCase(world, rule, name, value, arrives)
    checkChunks(world)
    checkHostCalls(world)
    ownTypes(world)
    generatedValues(world)
    bytes(world)
    refusedResults(world)
  },
}

/** The cases that the smallest worker knows, or all others. */
function listed(basic: boolean): [rule: string, name: string, value: ValueCase][] {
  return Object.entries(cases).flatMap(([rule, group]) =>
    Object.entries(group)
      .filter(([, found]) => (found.basic === true) === basic)
      .map(([name, found]): [string, string, ValueCase] => [rule, name, found]),
  )
}

function checkCase(world: World, rule: string, name: string, value: unknown, arrives: unknown): void {
  test(`${rule}: ${name}`, async () => {
    expect(await world.pit.execute("check_value", { name, value })).toBe("ok")
    expect(difference(arrives, await world.pit.execute("make_value", { name }))).toBeUndefined()
  })
}

function checkChunks(world: World): void {
  test("[VA-1] [VA-2] [VA-3] [VA-4] [VA-5] [VA-6] [VA-7] each value arrives in a chunk, too", async () => {
    const names = Object.keys(allCases)
    const problems: unknown[] = []
    let index = 0
    for await (const { data, isFinal } of world.pit.stream("make_values", { names })) {
      if (isFinal) break
      problems.push(difference(allCases[names[index++] ?? ""]?.arrives, data))
    }
    expect(problems).toEqual(names.map(() => undefined))
  })
}

function checkHostCalls(world: World): void {
  test("[VA-1] [VA-2] [VA-3] [VA-4] [VA-5] [VA-6] [VA-7] each value goes to the host and back", async () => {
    const pit = await world.start()
    pit.tools.register("swap", ({ name, value }) => {
      const found = allCases[String(name)]
      const problem = difference(found?.arrives, value)
      if (problem !== undefined) throw new TypeError(`${name}: ${problem}`)
      return found?.value
    })
    for (const name of Object.keys(allCases)) expect(await pit.execute("swap_value", { name })).toBe("ok")
  })
}

const circular: unknown[] = []
circular.push({ again: circular })

/** Arguments that cannot travel, and where the fault is. */
const refused: readonly [what: string, rows: unknown, path: string, reason: RegExp][] = [
  ["[VA-8] a function", [1, { when: () => {} }], "[1].when", /function/],
  ["[VA-8] a symbol", [Symbol("s")], "[0]", /symbol/],
  ["[VA-8] an instance of a class", [new Map()], "[0]", /Map/],
  ["[VA-8] a date that is none", [new Date(Number.NaN)], "[0]", /Date/],
  ["[VA-8] a circular value", circular, "[0].again", /circular/],
  ["[VA-8] a lone surrogate", ["ok", { a: "x\udc00" }], "[1].a", /surrogate/],
  ["[VA-8] a lone surrogate in a key", [{ "\ud800": 1 }], "[0]", /surrogate/],
  ["[VA-8] an integer of 5,000 digits", [10n ** 5000n], "[0]", /digits/],
  ["[VA-9] undefined in an array", [1, undefined], "[1]", /undefined/],
  ["[LI-3] a value that is too deep", nestedLists(128), "[0]", /128/],
]

function refusedArguments(world: World): void {
  test.each(refused)("%s is refused before anything is sent", async (_what, rows, path, reason) => {
    const { transport, sent } = spied(world.transport)
    const pit = await world.start({ transports: [transport] })
    const error = await errorOf(pit.execute("check_value", { name: "null", value: { rows } }))
    expect(error).toMatchObject({
      _tag: "InvalidParameter",
      key: expect.stringContaining(`args.value.rows${path}`),
      reason: expect.stringMatching(reason),
    })
    expect(sent.filter((frame) => frame.type === "call")).toEqual([])
    expect(await pit.execute("add", { a: 1, b: 2 })).toBe(3)
  })
}

function refusedResults(world: World): void {
  test.each([
    ["a lone surrogate", "lone_surrogate", "rows[1].name"],
    ["a circular value", "circular", "rows[1]"],
    ["a value that is too deep", "too_deep", "rows[1]"],
    ["an integer of 5,000 digits", "huge_integer", "rows[1]"],
    ["an object of an unknown class", "object", "rows[1]"],
  ])(
    "[VA-8] %s in a result or a chunk fails with its path; the worker goes on",
    async (_what, kind, path) => {
      const failure = { _tag: "RemoteError", code: "not_serializable" }
      const result = await errorOf(world.pit.execute("bad_value", { kind }))
      expect(result).toMatchObject({ ...failure, message: expect.stringContaining(`result.${path}`) })
      const stream = world.pit.stream("bad_chunk", { kind })
      expect(await stream.next()).toMatchObject({ value: { data: "good", isFinal: false } })
      const chunk = await errorOf(stream.next())
      expect(chunk).toMatchObject({ ...failure, message: expect.stringContaining(`chunk.${path}`) })
      expect(await world.pit.execute("add", { a: 1, b: 2 })).toBe(3)
    },
  )

  test("[VA-10] an object that knows how to pickle itself is never asked to", async () => {
    const error = await errorOf(world.pit.execute("bad_value", { kind: "object" }))
    expect(error).toMatchObject({ code: "not_serializable", message: expect.stringContaining("Reducible") })
    expect(await world.pit.execute("reductions")).toBe(0)
  })
}
