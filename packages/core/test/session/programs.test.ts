import { expect, test } from "vitest"
import { openContents } from "./contents.js"

test("programs are kept by id, for a session or for all", async () => {
  const { programs } = openContents().contents
  for (const owner of ["s", null]) {
    await programs.store(owner, "p", { owner })
    await programs.store(owner, "a", null)
    expect(await programs.get(owner, "p")).toEqual({ owner })
    expect(await programs.get(owner, "a")).toBeNull()
    expect(await programs.list(owner)).toEqual(["a", "p"])
    await programs.store(owner, "p", [1n])
    expect(await programs.get(owner, "p")).toEqual([1n])
  }
  expect(await programs.delete("s", "p")).toBe(true)
  expect(await programs.delete("s", "p")).toBe(false)
  expect(await programs.list("s")).toEqual(["a"])
  expect(await programs.list(null)).toEqual(["a", "p"])
})

test("a program that does not exist is an error, whoever has one of that id", async () => {
  const { programs } = openContents().contents
  await programs.store("s", "p", 1)
  for (const owner of ["t", null])
    await expect(programs.get(owner, "p")).rejects.toMatchObject({ _tag: "UnknownProgram", program: "p" })
})

test.each([
  ["s", "maxPrograms"],
  [null, "maxGlobalPrograms"],
])("there is a quota, which replacing does not touch (%s)", async (owner, option) => {
  const { programs } = openContents({ [option]: 2 }).contents
  await programs.store(owner, "a", 1)
  await programs.store(owner, "b", 2)
  await expect(programs.store(owner, "c", 3)).rejects.toMatchObject({
    _tag: "ProgramQuotaExceeded",
    session: owner,
    limit: 2,
    message: expect.stringContaining(`sessions.${option}`),
  })
  await programs.store(owner, "b", 4)
  await programs.delete(owner, "a")
  await programs.store(owner, "c", 3)
  expect(await programs.list(owner)).toEqual(["b", "c"])
})

test("a program that could not travel is not kept, nor is one without an id", async () => {
  const { programs } = openContents().contents
  await expect(programs.store("s", "p", { run: () => 1 })).rejects.toMatchObject({
    _tag: "InvalidParameter",
    message: '"programs.store" was not called: program.run: a function cannot be sent',
    key: "program.run",
  })
  await expect(programs.store("s", "p", undefined)).rejects.toMatchObject({ _tag: "InvalidParameter" })
  for (const id of ["", 5, undefined, "x".repeat(257)])
    await expect(programs.store("s", id, 1)).rejects.toMatchObject({ _tag: "InvalidParameter", key: "id" })
  expect(await programs.list("s")).toEqual([])
})
