import fc from "fast-check"
import { expect, test } from "vitest"
import { errorOf } from "../outcomes.js"
import { anyValue } from "../values/arbitrary.js"
import { described } from "../values/described.js"
import { patterned, sha256 } from "../values/large.js"
import { objects } from "../values/objects.js"
import { difference } from "../values/same.js"
import type { World } from "../world.js"

const names = Object.keys(objects)
const rules = "[VA-1] [VA-2] [VA-3] [VA-4] [VA-5] [VA-6]"

/** What arrives for values of Python's own types, NumPy's among them. */
export function ownTypes(world: World): void {
  test.each(names)(`${rules} Python's own types: %s`, async (name) => {
    expect(difference(objects[name], await world.pit.execute("make_object", { name }))).toBeUndefined()
  })

  test(`${rules} Python's own types arrive in chunks, too`, async () => {
    const problems: unknown[] = []
    for await (const { data, isFinal } of world.pit.stream("make_objects", { names })) {
      if (!isFinal) problems.push(difference(objects[names[problems.length] ?? ""], data))
    }
    expect(problems).toEqual(names.map(() => undefined))
  })

  test(`${rules} Python's own types arrive at tools of the host, too`, async () => {
    const pit = await world.start()
    pit.tools.register("take", ({ name, value }) => difference(objects[String(name)], value) ?? "the same")
    for (const name of names) expect(await pit.execute("give_object", { name })).toBe("the same")
  })
}

/** Values that nobody thought of. */
export function generatedValues(world: World): void {
  test(`${rules} [VA-7] [JS-4] [JS-7] whatever a value is, the worker sees what was sent, and so does the host`, async () => {
    const sees = fc.asyncProperty(anyValue, async (value) => {
      const { value: back, description } = await world.pit.execute<Answer>("describe", { value })
      expect(description).toEqual(described(value))
      expect(described(back)).toEqual(described(value))
    })
    // A failure names the seed that brings it back.
    await fc.assert(sees, { numRuns: 200 })
  }, 60_000)
}

interface Answer {
  readonly value: unknown
  readonly description: unknown
}

interface Digest {
  readonly data: Uint8Array
  readonly sha256: string
}

/** Bytes as they are. */
export function bytes(world: World): void {
  test("[VA-4] [JS-2] a buffer of 100 MB goes there and back unchanged", async () => {
    const data = patterned(100_000_000)
    const expected = sha256(data)
    const answer = await world.pit.execute<Digest>("digest", { data }, { timeout: "2 minutes" })
    expect(answer.sha256).toBe(expected)
    expect(answer.data).toBeInstanceOf(Uint8Array)
    expect(sha256(answer.data)).toBe(expected)
  }, 120_000)

  test("[VA-4] binary arguments are bytes, for a tool and for a tool of the host that it calls", async () => {
    const pit = await world.start()
    const seen: unknown[] = []
    pit.tools.register("digest", ({ data }) => {
      seen.push(data)
      return "seen"
    })
    const data = Uint8Array.of(0, 10, 255, 128)
    const options = { binary: { data: data.buffer } }
    expect(await pit.execute("digest", {}, options)).toEqual({ data, sha256: sha256(data) })
    expect(await pit.execute("digest_by_host", {}, options)).toBe("seen")
    expect(difference([data], seen)).toBeUndefined()
  })

  test("[VA-8] a binary argument that is no bytes is refused before anything is sent", async () => {
    const binary: object = { data: "text" }
    const error = await errorOf(world.pit.execute("digest", {}, { binary: binary as never }))
    expect(error).toMatchObject({ _tag: "InvalidParameter", key: "binary.data" })
  })
}
