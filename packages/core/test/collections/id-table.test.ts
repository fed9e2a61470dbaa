import fc from "fast-check"
import { expect, test } from "vitest"
import { IdTable } from "../../src/collections/id-table.js"

const steps = (ids: fc.Arbitrary<number>) =>
  fc.array(fc.record({ add: fc.boolean(), id: ids }), { maxLength: 400 })

test.each([
  ["in a row", fc.integer({ min: 1, max: 100 })],
  ["that meet in the same place", fc.integer({ min: 1, max: 60 }).map((n) => n * 64)],
  ["as large as there are", fc.integer({ min: Number.MAX_SAFE_INTEGER - 70, max: Number.MAX_SAFE_INTEGER })],
])("numbers %s: a table does what a Map does", (_name, ids) => {
  fc.assert(
    fc.property(steps(ids), (sequence) => {
      const table = new IdTable<{ readonly id: number }>()
      const model = new Map<number, { readonly id: number }>()
      for (const { add, id } of sequence) {
        if (add && !model.has(id)) {
          const value = { id }
          table.add(value)
          model.set(id, value)
        } else if (!add) {
          expect(table.take(id)).toBe(model.get(id))
          model.delete(id)
        }
        expect(table.size).toBe(model.size)
      }
      for (const { id } of sequence) {
        expect(table.get(id)).toBe(model.get(id))
        expect(table.has(id)).toBe(model.has(id))
      }
      expect(table.toArray()).toEqual([...model.values()].sort((a, b) => a.id - b.id))
    }),
  )
})

test("what is cleared is empty", () => {
  const table = new IdTable<{ readonly id: number }>()
  for (let id = 1; id <= 1000; id++) table.add({ id })
  table.clear()
  expect([table.size, table.get(500), table.toArray()]).toEqual([0, undefined, []])
})
