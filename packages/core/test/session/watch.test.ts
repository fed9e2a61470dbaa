import { getEventListeners } from "node:events"
import { expect, test } from "vitest"
import type { VariableChange } from "../../src/session/variables/types.js"
import { openContents } from "./contents.js"

const integer = (name: string, value = 1) => ({ name, type: "integer", value })
const set = (name: string, value: number) => new Map([[name, value]])

async function rest(changes: AsyncIterable<VariableChange>): Promise<VariableChange[]> {
  const all: VariableChange[] = []
  for await (const change of changes) all.push(change)
  return all
}

test("a watch sees every write from then on, and what it was", async () => {
  const { variables } = openContents().contents
  await variables.register("s", [integer("n")])
  const watch = variables.watch("s", undefined, undefined)
  await variables.update("s", set("n", 2))
  expect(await watch.next()).toEqual({
    done: false,
    value: { name: "n", value: 2, version: 2, deleted: false },
  })
  const waiting = watch.next()
  await variables.register("s", [integer("m", 5)])
  expect(await waiting).toMatchObject({ value: { name: "m", value: 5, version: 1 } })
  await variables.delete("s", ["n"])
  expect((await watch.next()).value).toEqual({ name: "n", value: undefined, version: 2, deleted: true })
})

test("a slow consumer gets the newest of each variable, and no more wait than there are variables", async () => {
  const { contents } = openContents()
  const { variables } = contents
  await variables.register("s", [integer("a"), integer("b")])
  const watch = variables.watch("s", undefined, undefined)
  for (let n = 0; n < 100; n += 1) for (const name of ["a", "b"]) await variables.update("s", set(name, n))
  for (let n = 0; n < 100; n += 1) {
    await variables.register("s", [integer(`short-lived ${n}`)])
    await variables.delete("s", [`short-lived ${n}`])
  }
  await contents.end("s")
  expect(await rest(watch)).toMatchObject([
    { name: "a", value: 99, version: 101 },
    { name: "b", value: 99, version: 101 },
  ])
})

test("a watch of names sees those alone", async () => {
  const { contents } = openContents()
  const { variables } = contents
  const watch = variables.watch("s", ["b", "later"], undefined)
  await variables.register("s", [integer("a"), integer("b"), integer("later")])
  await contents.end("s")
  expect((await rest(watch)).map(({ name }) => name)).toEqual(["b", "later"])
  expect(() => variables.watch("s", [""], undefined)).toThrow("needs a name")
})

test("a refused write is none", async () => {
  const { contents } = openContents()
  const { variables } = contents
  await variables.register("s", [integer("a")])
  const watch = variables.watch("s", undefined, undefined)
  await expect(
    variables.update(
      "s",
      new Map<string, unknown>([
        ["a", 2],
        ["b", 1],
      ]),
    ),
  ).rejects.toThrow()
  await contents.end("s")
  expect(await rest(watch)).toEqual([])
})

test("sessions do not see each other's writes", async () => {
  const { contents } = openContents()
  const { variables } = contents
  const watch = variables.watch("t", undefined, undefined)
  await variables.register("s", [integer("a")])
  await contents.end("t")
  expect(await rest(watch)).toEqual([])
})

test("a watch ends with its session, after what it has not given yet", async () => {
  const { contents } = openContents()
  const { variables } = contents
  const watch = variables.watch("s", undefined, undefined)
  await variables.register("s", [integer("a")])
  await contents.end("s")
  expect(contents.stats().watches).toBe(0)
  expect(await rest(watch)).toMatchObject([{ name: "a" }])
})

test("a watch ends at once with its signal, and when its consumer leaves", async () => {
  const { contents } = openContents()
  const { variables } = contents
  const leave = new AbortController()
  const [aborted, left] = [
    variables.watch("s", undefined, leave.signal),
    variables.watch("s", undefined, leave.signal),
  ]
  await variables.register("s", [integer("a"), integer("b")])
  for await (const { name } of left) {
    expect(name).toBe("a")
    break
  }
  expect(contents.stats().watches).toBe(1)
  leave.abort()
  expect(await rest(aborted)).toEqual([])
  expect(await rest(left)).toEqual([])
  expect(contents.stats().watches).toBe(0)
  expect(getEventListeners(leave.signal, "abort")).toEqual([])
})

test("a consumer that waits is woken by the end, however many wait", async () => {
  const { contents } = openContents()
  const watch = contents.variables.watch("s", undefined, undefined)
  const waiting = [watch.next(), watch.next()]
  await contents.end("s")
  expect(await Promise.all(waiting)).toEqual([
    { done: true, value: undefined },
    { done: true, value: undefined },
  ])
})

test("a watch whose signal was aborted before has ended", async () => {
  const { contents } = openContents()
  const watch = contents.variables.watch("s", undefined, AbortSignal.abort())
  expect(await rest(watch)).toEqual([])
  expect(contents.stats().watches).toBe(0)
})
