import fc from "fast-check"
import { expect, test } from "vitest"
import { Heap } from "../../src/collections/heap.js"
import type { Leavable } from "../../src/collections/linked-list.js"

interface Member {
  readonly age: number
  readonly name: number
}

test("a heap gives its members in their order, equals as they came, whoever leaves meanwhile", () => {
  const step = fc.record({ leaves: fc.boolean(), which: fc.nat(40), age: fc.nat(8) })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const tally = { count: 0 }
      const heap = new Heap<Member>((a, b) => a.age - b.age, tally)
      const places: Leavable[] = []
      let model: Member[] = []
      for (const { leaves, which, age } of steps) {
        if (leaves) {
          const wasThere = model.some(({ name }) => name === which)
          expect(places[which]?.leave() ?? false).toBe(wasThere)
          model = model.filter(({ name }) => name !== which)
        } else {
          const member = { age, name: places.length }
          places.push(heap.push(member))
          const at = model.findIndex((other) => other.age > age)
          model.splice(at < 0 ? model.length : at, 0, member)
        }
        expect(heap.toArray()).toEqual(model)
        expect([heap.first, heap.size, tally.count]).toEqual([model[0], model.length, model.length])
      }
    }),
  )
})
