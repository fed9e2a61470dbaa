import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { Buckets } from "../../src/collections/buckets.js"
import type { Place } from "../../src/collections/linked-list.js"

const everybody = 1000

describe("buckets", () => {
  test("are looked through from the lowest up, and no further than asked", () => {
    const buckets = new Buckets<string>()
    for (const [key, name] of [
      [3, "c"],
      [1, "a"],
      [1, "b"],
    ] as const)
      buckets.push(key, name)
    const seen: string[] = []
    const look = (looks: number) =>
      buckets.find((name) => {
        seen.push(name)
        return name === "c"
      }, looks)
    expect([look(2), look(3)]).toEqual([undefined, "c"])
    expect(seen).toEqual(["a", "b", "a", "b", "c"])
  })

  test("know their ends, whatever is done to them", () => {
    const step = fc.record({ key: fc.nat(6), leaves: fc.boolean() })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const buckets = new Buckets<number>()
        let model: { readonly key: number; readonly place: Place<number> }[] = []
        for (const { key, leaves } of steps) {
          const found = model.find((each) => each.key === key)
          if (leaves) found?.place.leave()
          model = leaves
            ? model.filter((each) => each !== found)
            : [...model, { key, place: buckets.push(key, key) }]
          const keys = model.map((each) => each.key)
          const ends = [buckets.find(() => true, everybody), buckets.highest]
          expect(ends).toEqual(
            keys.length === 0 ? [undefined, undefined] : [Math.min(...keys), Math.max(...keys)],
          )
          expect([buckets.empty, buckets.count(key)]).toEqual([
            keys.length === 0,
            keys.filter((each) => each === key).length,
          ])
        }
      }),
    )
  })
})
