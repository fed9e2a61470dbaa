import { describe, expect, test } from "vitest"
import { describeThrown } from "../../src/connection/thrown.js"

function carrying(fields: object): Error {
  return Object.assign(new Error("it failed"), fields)
}

const detailsOf = (error: Error) => describeThrown(error).details

describe("the details of an error that was thrown", () => {
  test("are its own public fields", () => {
    const when = new Date(0)
    const fields = { code: "EAGAIN", errno: -11, list: [1, null, { deep: true }], big: 5n, when, _secret: 1 }
    const { _secret, ...told } = fields
    expect(detailsOf(carrying(fields))).toEqual(told)
  })

  test("are absent when there are none, and do not repeat what is told anyway", () => {
    expect(detailsOf(new RangeError("plain", { cause: 1 }))).toBeUndefined()
    const again = Object.assign(new Error("x"), { name: "Own", traceback: "Traceback …" })
    expect(describeThrown(again)).toMatchObject({ type: "Own", message: "x" })
    expect(detailsOf(again)).toBeUndefined()
  })

  const circular: { self?: object } = {}
  circular.self = circular
  test.each<[string, object]>([
    ["a function", { bad: () => 1 }],
    ["an instance of a class", { bad: new (class Socket {})() }],
    ["a circular value", { bad: circular }],
    ["a symbol", { bad: Symbol("x") }],
    ["half a character", { bad: "\ud800" }],
    ["a text that is too long", { bad: "x".repeat(100_000) }],
    ["a list that is too long", { bad: new Array(100_000).fill(null) }],
    ["an enormous number", { bad: 2n ** 70n }],
    ["an invalid date", { bad: new Date(Number.NaN) }],
    [
      "a field that cannot be read",
      {
        get bad() {
          throw new Error("no")
        },
      },
    ],
  ])("leave out %s, and nothing else", (_what, fields) => {
    const error = new Error("it failed")
    Object.defineProperties(error, Object.getOwnPropertyDescriptors(fields))
    expect(detailsOf(Object.assign(error, { good: "yes" }))).toEqual({ good: "yes" })
  })

  test("are copies: what is sent cannot change any more", () => {
    const bytes = new Uint8Array([1])
    const inner = { list: [1] }
    const details = detailsOf(carrying({ inner, bytes }))
    inner.list.push(2)
    bytes[0] = 9
    expect(details).toEqual({ inner: { list: [1] }, bytes: new Uint8Array([1]) })
  })

  test("are at most 32", () => {
    const many = Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`field${n}`, n]))
    expect(Object.keys(Object(detailsOf(carrying(many))))).toHaveLength(32)
  })

  test("cannot make the error fail", () => {
    const hostile = new Proxy(new Error("hostile"), {
      ownKeys() {
        throw new Error("no keys")
      },
    })
    expect(describeThrown(hostile)).toMatchObject({ code: "tool_error", message: "hostile" })
  })
})

test("an error says whether it may help to come again, and cannot fail by saying so", () => {
  expect(describeThrown(carrying({ retryable: true }))).toMatchObject({ retryable: true })
  expect(describeThrown(carrying({ retryable: "yes" })).retryable).toBeUndefined()
  const hostile = Object.defineProperty(new Error("hostile"), "retryable", {
    get: () => {
      throw new Error("do not ask")
    },
  })
  expect(describeThrown(hostile)).toMatchObject({ message: "hostile" })
})

describe("the traceback of an error that was thrown", () => {
  test("is its stack, and those of its causes", () => {
    const cause = new RangeError("the cause")
    const { traceback } = describeThrown(new Error("the effect", { cause }))
    expect(traceback).toMatch(
      /^Error: the effect\n[\s\S]+thrown\.test[\s\S]+\n\nCaused by: RangeError: the cause\n/,
    )
  })

  test("ends where errors cause each other in a circle, or are too long", () => {
    const error: Error & { cause?: unknown } = new Error("x".repeat(200_000))
    error.cause = error
    const { traceback = "" } = describeThrown(error)
    expect(traceback.length).toBeLessThan(300_000)
    expect(traceback).toContain("characters left out")
  })
})
