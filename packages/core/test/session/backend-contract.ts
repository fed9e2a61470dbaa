import { describe, expect, test } from "vitest"
import { Tensor } from "../../src/protocol/values.js"
import type { Current, SessionBackend } from "../../src/session/backend.js"

const put = (key: string, value: unknown) => () => new Map([[key, value]])

/** What every place for the contents of sessions has to do. */
export function backendContract(name: string, make: () => SessionBackend): void {
  describe(`the backend ${name}`, () => {
    test("gives back what it was given, of the keys that are asked for", async () => {
      const backend = make()
      const values = {
        a: [1, { b: null }],
        t: Tensor.from(Float32Array.of(1, 2)),
        n: 2n ** 70n,
        __proto: "p",
      }
      const changes = new Map<string, unknown>(Object.entries(values))
      expect(await backend.update("s", [...changes.keys()], () => changes)).toEqual(changes)
      expect(await backend.entries("s")).toEqual(changes)
      expect(await backend.get("s", ["n", "no such key", "a"])).toEqual(
        new Map<string, unknown>([
          ["n", values.n],
          ["a", values.a],
        ]),
      )
      expect(await backend.get("other", ["a"])).toEqual(new Map())
      expect(await backend.entries("other")).toEqual(new Map())
    })

    test("tells a change the values of its keys, and how many keys the scope has", async () => {
      const backend = make()
      const seen: Current[] = []
      for (const key of ["a", "b", "a"]) {
        await backend.update("s", [key, "c"], (current) => {
          seen.push(current)
          return new Map([[key, `${key}${current.size}`]])
        })
      }
      expect(seen.at(-1)).toEqual({ values: new Map([["a", "a0"]]), size: 2 })
      expect(await backend.entries("s")).toEqual(
        new Map([
          ["a", "a2"],
          ["b", "b1"],
        ]),
      )
    })

    test("deletes what is changed to undefined", async () => {
      const backend = make()
      await backend.update("s", ["a"], put("a", 1))
      expect(await backend.update("s", ["a"], put("a", undefined))).toEqual(new Map([["a", undefined]]))
      expect(await backend.entries("s")).toEqual(new Map())
      expect(await backend.get("s", ["a"])).toEqual(new Map())
    })

    test("changes nothing when the change throws, and throws that on", async () => {
      const backend = make()
      await backend.update("s", ["a"], put("a", 1))
      const refusal = new RangeError("no")
      const refused = backend.update("s", ["a", "b"], () => {
        throw refusal
      })
      await expect(refused).rejects.toBe(refusal)
      expect(await backend.entries("s")).toEqual(new Map([["a", 1]]))
    })

    test("loses no change of many at a time, and keeps those of several keys together", async () => {
      const backend = make()
      const add = ({ values }: Current) =>
        new Map(["a", "b"].map((key) => [key, Number(values.get(key) ?? 0) + 1]))
      const reads: Promise<ReadonlyMap<string, unknown>>[] = []
      const changes = Array.from({ length: 50 }, async () => {
        reads.push(backend.get("s", ["a", "b"]))
        await backend.update("s", ["a", "b"], add)
      })
      await Promise.all(changes)
      expect(await backend.get("s", ["a", "b"])).toEqual(
        new Map([
          ["a", 50],
          ["b", 50],
        ]),
      )
      for (const values of await Promise.all(reads)) expect(values.get("a")).toBe(values.get("b"))
    })

    test("lets a change keep a scope from growing beyond a limit", async () => {
      const backend = make()
      const outcomes = await Promise.allSettled(
        Array.from({ length: 20 }, (_, n) =>
          backend.update("s", [`${n}`], ({ size }) => {
            if (size >= 5) throw new RangeError("full")
            return new Map([[`${n}`, n]])
          }),
        ),
      )
      expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(5)
      expect((await backend.entries("s")).size).toBe(5)
    })

    test("clears one scope alone", async () => {
      const backend = make()
      for (const scope of ["s", "s/1", "t"]) await backend.update(scope, ["a"], put("a", scope))
      await backend.clear("s")
      await backend.clear("nobody's")
      expect(await backend.entries("s")).toEqual(new Map())
      expect(await backend.entries("s/1")).toEqual(new Map([["a", "s/1"]]))
      expect(await backend.entries("t")).toEqual(new Map([["a", "t"]]))
    })

    test("takes any text for scopes and keys", async () => {
      const backend = make()
      const names = ["", "__proto__", "a/b", "a\u0000b", "*", "🐍"]
      for (const scope of names)
        for (const key of names) await backend.update(scope, [key], put(key, scope + key))
      for (const scope of names) {
        expect(await backend.entries(scope)).toEqual(new Map(names.map((key) => [key, scope + key])))
      }
    })
  })
}
