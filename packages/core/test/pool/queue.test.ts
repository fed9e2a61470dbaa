import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { CallQueue } from "../../src/pool/queue.js"

describe("the queue of calls", () => {
  test("gives first what came first, and puts back what left to where it was", () => {
    const queue = new CallQueue<number>()
    for (const value of [1, 4, 6]) queue.push(value)
    queue.insert(5, (other) => other > 5)
    queue.insert(0, (other) => other > 0)
    queue.insert(7, (other) => other > 7)
    expect(queue.values()).toEqual([0, 1, 4, 5, 6, 7])
    expect(queue.peek()).toBe(0)
  })

  test("behaves as an array does, whatever is done to it", () => {
    const values = fc.nat(30)
    const step = fc.oneof(
      fc.record({ do: fc.constant("push" as const), value: values }),
      fc.record({ do: fc.constant("insert" as const), value: values }),
      fc.record({ do: fc.constant("delete" as const), value: values }),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const queue = new CallQueue<number>()
        let model: number[] = []
        for (const { do: what, value } of steps) {
          const has = model.includes(value)
          if (what === "delete") {
            expect(queue.delete(value)).toBe(has)
            model = model.filter((other) => other !== value)
          } else if (!has && what === "push") {
            queue.push(value)
            model.push(value)
          } else if (!has) {
            queue.insert(value, (other) => other > value)
            const at = model.findIndex((other) => other > value)
            model.splice(at < 0 ? model.length : at, 0, value)
          }
          expect(queue.values()).toEqual(model)
          expect(queue.size).toBe(model.length)
          expect(queue.peek()).toBe(model[0])
        }
      }),
    )
  })
})
