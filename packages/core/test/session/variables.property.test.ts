import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { MemoryBackend } from "../../src/session/memory-backend.js"
import type { VariableChange } from "../../src/session/variables/types.js"
import type { Variables } from "../../src/session/variables/variables.js"
import { openContents } from "./contents.js"
import { OptimisticBackend } from "./optimistic-backend.js"

interface Known {
  readonly max: number
  readonly value: number
  readonly version: number
}
type Model = Map<string, Known>

const limit = 3
const name = fc.constantFrom("a", "b", "c", "d", "e")
const value = fc.integer({ min: 0, max: 9 })
const operation = fc.oneof(
  fc.record({ does: fc.constant("register" as const), name, value, max: value }),
  fc.record({ does: fc.constant("update" as const), updates: fc.dictionary(name, value, { maxKeys: 3 }) }),
  fc.record({ does: fc.constant("delete" as const), names: fc.array(name, { maxLength: 3 }) }),
)
type Operation = typeof operation extends fc.Arbitrary<infer T> ? T : never

/** Does to the model what is done to the variables. @returns the tag of the error that it must be refused with. */
function model(known: Model, operation: Operation): string | undefined {
  switch (operation.does) {
    case "register": {
      const { name, value, max } = operation
      if (value > max) return "InvalidVariable"
      if (!known.has(name) && known.size === limit) return "VariableQuotaExceeded"
      known.set(name, { value, max, version: (known.get(name)?.version ?? 0) + 1 })
      return undefined
    }
    case "update": {
      const updates = Object.entries(operation.updates)
      for (const [name, value] of updates) {
        const old = known.get(name)
        if (old === undefined) return "UnknownVariable"
        if (value > old.max) return "InvalidVariable"
      }
      for (const [name, value] of updates) {
        const old = known.get(name)
        if (old !== undefined) known.set(name, { ...old, value, version: old.version + 1 })
      }
      return undefined
    }
    case "delete":
      for (const name of operation.names) known.delete(name)
      return undefined
  }
}

async function perform(variables: Variables, operation: Operation): Promise<unknown> {
  switch (operation.does) {
    case "register": {
      const { name, value, max } = operation
      return variables.register("s", [{ name, type: "integer", value, constraints: { max } }])
    }
    case "update":
      return variables.update("s", new Map(Object.entries(operation.updates)))
    case "delete":
      return variables.delete("s", operation.names)
  }
}

const tagOf = (attempt: Promise<unknown>): Promise<unknown> =>
  attempt.then(
    () => undefined,
    (error) => error._tag,
  )

async function state(variables: Variables): Promise<Model> {
  const list = await variables.list("s")
  return new Map(
    list.map(({ name, value, version, constraints }) => [
      name,
      { value: Number(value), version, max: Number("max" in constraints && constraints.max) },
    ]),
  )
}

describe.each([
  ["in memory", () => new MemoryBackend()],
  ["with optimistic writers", (seed: number) => new OptimisticBackend(seed)],
])("variables kept %s", (_name, backend) => {
  test("behave as a simple table does", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(operation, { maxLength: 20 }),
        fc.integer({ min: 1 }),
        async (operations, seed) => {
          const { variables } = openContents({ maxVariables: limit }, backend(seed)).contents
          const known: Model = new Map()
          for (const operation of operations) {
            const expected = model(known, operation)
            expect(await tagOf(perform(variables, operation))).toBe(expected)
            expect(await state(variables)).toEqual(new Map([...known].sort()))
          }
        },
      ),
    )
  })

  test("do so as well when nobody waits, and whoever watches sees it in the end", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(operation, { maxLength: 20 }),
        fc.array(fc.nat(3)),
        fc.integer({ min: 1 }),
        async (operations, pauses, seed) => {
          const { contents, open } = openContents({ maxVariables: limit }, backend(seed))
          const { variables } = contents
          const watched = replay(variables.watch("s", undefined, undefined), pauses)
          const known: Model = new Map()
          const expected = operations.map((operation) => model(known, operation))
          const outcomes = operations.map((operation) => tagOf(perform(variables, operation)))
          expect(await Promise.all(outcomes)).toEqual(expected)
          expect(await state(variables)).toEqual(new Map([...known].sort()))
          open.delete("s")
          await contents.end("s")
          const newest = [...known].map(([name, { value, version }]) => [name, { value, version }] as const)
          expect(await watched).toEqual(new Map(newest))
        },
      ),
    )
  })
})

/** What a consumer knows in the end that takes its time between changes. */
async function replay(
  changes: AsyncIterable<VariableChange>,
  pauses: readonly number[],
): Promise<Map<string, unknown>> {
  const seen = new Map<string, unknown>()
  let turn = 0
  for await (const { name, value, version, deleted } of changes) {
    if (deleted) expect(seen.delete(name)).toBe(true)
    else seen.set(name, { value, version })
    for (let steps = pauses[turn++ % pauses.length] ?? 0; steps > 0; steps -= 1) {
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  return seen
}
