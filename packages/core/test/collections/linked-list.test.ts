import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { LinkedList, type Place } from "../../src/collections/linked-list.js"

describe("a linked list", () => {
  test("gives first what came first, and puts back what left to where it was", () => {
    const list = new LinkedList<number>()
    for (const value of [1, 4, 6]) list.push(value)
    for (const value of [5, 0, 7]) list.insert(value, (other) => other > value)
    expect(list.toArray()).toEqual([0, 1, 4, 5, 6, 7])
    expect(list.first).toBe(0)
    expect(list.find((value) => value > 4)).toBe(5)
  })

  test("is left once", () => {
    const list = new LinkedList<string>()
    const place = list.push("only")
    expect([place.taken, place.leave(), place.taken, place.leave()]).toEqual([true, true, false, false])
    expect([list.size, list.first]).toEqual([0, undefined])
  })

  test("behaves as an array does, whatever is done to it", () => {
    const step = fc.record({ do: fc.constantFrom("push", "insert", "leave"), value: fc.nat(30) })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const list = new LinkedList<number>()
        const places = new Map<number, Place<number>>()
        let model: number[] = []
        for (const { do: what, value } of steps) {
          const place = places.get(value)
          if (what === "leave") {
            expect(place?.leave() ?? false).toBe(model.includes(value))
            model = model.filter((other) => other !== value)
            places.delete(value)
          } else if (place === undefined && what === "push") {
            places.set(value, list.push(value))
            model.push(value)
          } else if (place === undefined) {
            places.set(
              value,
              list.insert(value, (other) => other > value),
            )
            const at = model.findIndex((other) => other > value)
            model.splice(at < 0 ? model.length : at, 0, value)
          }
          expect(list.toArray()).toEqual(model)
          expect([list.size, list.first]).toEqual([model.length, model[0]])
        }
      }),
    )
  })
})
