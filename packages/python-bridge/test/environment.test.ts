import { expect, test } from "vitest"
import { checkEnvironment, environmentFrom } from "../src/environment.js"

const host = { PATH: "/bin", Path: "C:\\", LC_ALL: "C", SystemRoot: "C:\\Windows", TOKEN: "secret", LCD: "1" }

test("all of the host's environment, the least that programs need, or all with changes", () => {
  expect(environmentFrom(undefined, host)).toEqual(host)
  expect(environmentFrom("inherit", host)).toEqual(host)
  const { TOKEN: _, LCD: __, ...least } = host
  expect(environmentFrom("minimal", host)).toEqual(least)
  expect(environmentFrom({ TOKEN: undefined, MORE: "1" }, host)).toEqual({
    ...host,
    TOKEN: undefined,
    MORE: "1",
  })
})

test.each(["none", ["A=1"], null, 1])("%j is no environment", (option) => {
  const wrong = option as unknown as "inherit"
  expect(() => checkEnvironment(wrong)).toThrow(
    expect.objectContaining({ _tag: "InvalidConfig", key: "env" }),
  )
})
