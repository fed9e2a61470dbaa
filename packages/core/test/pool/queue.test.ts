import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { CallQueue } from "../../src/pool/queue.js"

describe("the queue of calls", () => {
  test("gives first what came first, and what came back before that", () => {
    const queue = new CallQueue<string>()
    queue.push("a")
    queue.push("b")
    queue.unshift("back")
    expect(queue.values()).toEqual(["back", "a", "b"])
    expect(queue.peek()).toBe("back")
  })

  test("behaves as an array does, whatever is done to it", () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant("push" as const), value: fc.nat(30) }),
      fc.record({ do: fc.constant("unshift" as const), value: fc.nat(30) }),
      fc.record({ do: fc.constant("delete" as const), value: fc.nat(30) }),
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
          } else if (!has) {
            queue[what](value)
            model[what](value)
          }
          expect(queue.values()).toEqual(model)
          expect(queue.size).toBe(model.length)
          expect(queue.peek()).toBe(model[0])
        }
      }),
    )
  })
})
