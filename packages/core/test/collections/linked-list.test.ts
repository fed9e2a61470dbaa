import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { LinkedList, type Place } from "../../src/collections/linked-list.js"

describe("a linked list", () => {
  test("gives first what came first", () => {
    const list = new LinkedList<number>()
    for (const value of [1, 5, 4]) list.push(value)
    expect(list.toArray()).toEqual([1, 5, 4])
    expect([list.first, list.last]).toEqual([1, 4])
    expect(list.find((value) => value > 3)).toBe(5)
  })

  test("may be left by the member that is looked at", () => {
    const list = new LinkedList<number>()
    const places = [0, 1, 2].map((value) => list.push(value))
    const seen: number[] = []
    list.find((value) => {
      seen.push(value)
      places[value]?.leave()
      return false
    })
    expect([seen, list.size]).toEqual([[0, 1, 2], 0])
  })

  test("is counted together with others", () => {
    const tally = { count: 0 }
    const lists = [new LinkedList<number>(tally), new LinkedList<number>(tally)]
    const places = lists.map((list) => list.push(1))
    expect(tally.count).toBe(2)
    places[0]?.leave()
    places[0]?.leave()
    expect(tally.count).toBe(1)
  })

  test("is left once", () => {
    const list = new LinkedList<string>()
    const place = list.push("only")
    expect([place.taken, place.leave(), place.taken, place.leave()]).toEqual([true, true, false, false])
    expect([list.size, list.first]).toEqual([0, undefined])
  })

  test("behaves as an array does, whatever is done to it", () => {
    const step = fc.record({ do: fc.constantFrom("push", "leave"), value: fc.nat(30) })
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
          } else if (place === undefined) {
            places.set(value, list.push(value))
            model.push(value)
          }
          expect(list.toArray()).toEqual(model)
          expect([list.size, list.first, list.last]).toEqual([model.length, model[0], model.at(-1)])
        }
      }),
    )
  })
})
