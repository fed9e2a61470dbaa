import { Snakepit, Tensor, ZonedDate } from "@snakepit/core"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { type AnyError, errorOf } from "../src/outcomes.js"
import { config, everyTransport } from "./support/pit.js"

/** Levels, digits … that nothing should survive by luck. */
const veryDeep = 200_000

describe.each(everyTransport)("over %s", (over) => {
  let pit: Snakepit
  let pid: number
  beforeAll(async () => {
    // A value that nothing can be done with is an error, not a description of itself.
    pit = await Snakepit.start(
      config("inputs:Inputs", {}, { over, python: { env: { SNAKEPIT_UNSERIALIZABLE: "error" } } }),
    )
    pid = await pit.execute("pid")
  })
  afterAll(() => pit.close({ grace: 0 }))

  const echo = (value: unknown) => pit.execute("echo", { value })
  const seen = (value: unknown) => pit.execute<string[]>("describe", { value })

  /** It is refused before anything is sent, by the path. */
  async function refused(value: unknown, key: string | RegExp, reason: RegExp): Promise<void> {
    const before = pit.workers()[0]?.requests
    const error = await errorOf(echo(value))
    expect(error).toMatchObject({ _tag: "InvalidParameter", tool: "echo", key: expect.stringMatching(key) })
    expect(error.message).toMatch(reason)
    expect(pit.workers()[0]?.requests).toBe(before)
    await unharmed()
  }

  /** It runs, and its result is refused by the path. */
  async function unsendable(tool: string, args: object, message: RegExp): Promise<AnyError> {
    const error = await errorOf(pit.execute(tool, args))
    expect(error).toMatchObject({ _tag: "RemoteError", code: "not_serializable", tool })
    expect(error.message).toMatch(message)
    await unharmed()
    return error
  }

  async function unharmed(): Promise<void> {
    expect(await pit.execute("pid")).toBe(pid)
  }

  test("I1 NaN, the infinities and negative zero", async () => {
    const value = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 0]
    const back = await echo({ list: value, many: Array(2000).fill(-0) })
    expect(back).toEqual({ list: value, many: Array(2000).fill(-0) })
    expect(Object.is((back as { list: number[] }).list[3], -0)).toBe(true)
    expect(await seen(value)).toEqual(["list", "[nan, inf, -inf, -0.0, 0]"])
  })

  test.each([2n ** 53n, -(2n ** 53n), 2n ** 64n, -(2n ** 63n) - 1n, 10n ** 4299n])(
    "I2 an integer such as %s",
    async (value) => {
      expect(await echo(value)).toBe(value)
      const [type, text = ""] = await seen(value)
      expect(type).toBe("int")
      expect(BigInt(text)).toBe(value)
    },
  )

  test("I2 what is small comes back as a number, however it was given; a float stays one", async () => {
    expect(await echo(7n)).toBe(7)
    expect(await pit.execute("power", { base: 2, exponent: 53 })).toBe(2n ** 53n)
    expect(await pit.execute("power", { base: 2, exponent: 52 })).toBe(2 ** 52)
    expect(await seen(2 ** 60)).toEqual(["float", "1.152921504606847e+18"])
    expect(await seen(2 ** 53 - 1)).toEqual(["int", "9007199254740991"])
  })

  test("I3 dates keep their instant, their zone and their fraction", async () => {
    const date = new Date("2026-01-31T12:00:00.123Z")
    const zoned = new ZonedDate("0001-01-01T23:59:59.123456-11:30")
    expect(await echo([date, { zoned }])).toEqual([date, { zoned }])
    expect((await seen(date))[0]).toBe("datetime")
    expect((await seen(zoned))[1]).toContain("123456")
    await refused({ when: new Date(Number.NaN) }, "args.value.when", /date/i)
  })

  test("I4 bytes and tensors keep every bit", async () => {
    const bytes = Uint8Array.from({ length: 70_000 }, (_, index) => index % 256)
    const back = await pit.execute<{ small: Uint8Array; large: Uint8Array[] }>("echo", {
      value: { small: bytes.subarray(10, 20), large: [bytes, new Uint8Array(0)] },
    })
    expect(back.small).toEqual(bytes.slice(10, 20))
    expect(Buffer.compare(back.large[0] ?? Buffer.of(), bytes)).toBe(0)
    expect(back.large[1]).toEqual(new Uint8Array(0))
    expect((await seen(bytes.subarray(0, 3)))[1]).toBe("b'\\x00\\x01\\x02'")
    const tensor = Tensor.fromBytes("float64", [2], new Uint8Array(Float64Array.of(Number.NaN, -0).buffer))
    const again = (await echo(tensor)) as Tensor
    expect([again.dtype, again.shape, again.data]).toEqual(["float64", [2], tensor.data])
  })

  test("I5 a value that contains itself", async () => {
    const value: Record<string, unknown> = { rows: [] }
    value.rows = [1, { value }]
    await refused(value, /^args\.value\.rows\[1\]\.value/, /circular|contains itself/i)
    await unsendable("circular", {}, /result\[1\]/)
  })

  test("I6 text that is no UTF-8", async () => {
    await unsendable("text", { codes: [0x63, 0xe9] }, /result\.names\[1\].*(surrogate|Unicode)/i)
    expect(await pit.execute("text", { codes: [0x63, 0xc3, 0xa9] })).toEqual({ names: ["fine", "cé"] })
  })

  test.each(["\ud83d", "\ude00", "a\ud800b", "\ude00\ud83d"])(
    "I7 half of a surrogate pair: %j",
    async (half) => {
      await refused(
        { list: [{ text: half }] },
        "args.value.list[0].text".replaceAll(/[[\].]/g, "\\$&"),
        /Unicode/,
      )
      await refused({ [half]: 1 }, /^args/, /Unicode/)
    },
  )

  test("I7 half of a surrogate pair in a result", async () => {
    await unsendable("half", {}, /result\[0\]\.text/)
    expect(await echo("\ud83d\ude00")).toBe("😀")
  })

  test("I8 keys that are special elsewhere are data, both ways", async () => {
    const sent = JSON.parse(
      '{"__proto__": {"polluted": 1}, "constructor": {"prototype": {"polluted": 1}}, "$": "map", "": 0}',
    )
    const back = (await echo([sent])) as object[]
    expect(Object.entries(back[0] ?? {})).toEqual(Object.entries(sent))
    // Beside what has to be written in another way, too.
    const mixed = Object.assign(JSON.parse('{"__proto__": {"polluted": 1}}'), {
      huge: 2n ** 70n,
      nan: Number.NaN,
    })
    expect(Object.entries((await echo(mixed)) as object)).toEqual(Object.entries(mixed))
    expect(await seen(sent)).toEqual(["dict", expect.stringContaining("'__proto__': {'polluted': 1}")])
    const made = await pit.execute<object>("odd_keys")
    expect(Object.keys(made).sort()).toEqual(["", "$", "__proto__", "constructor"])
    expect(Object.hasOwn(made, "__proto__")).toBe(true)
    for (const innocent of [{}, [], made, back[0], Object]) expect(innocent).not.toHaveProperty("polluted")
    expect(Object.prototype).toBe(Object.getPrototypeOf({}))
    // As the name of an argument it is an ordinary one, too.
    const args = JSON.parse('{"__proto__": 1, "value": 2}')
    expect(await errorOf(pit.execute("echo", args))).toMatchObject({
      _tag: "InvalidParameter",
      key: "args.__proto__",
    })
  })

  test("I9 a value 200,000 levels deep", async () => {
    let value: unknown[] | Record<string, unknown> = []
    for (let level = 0; level < veryDeep; level += 1) value = level % 2 === 0 ? [value] : { value }
    await refused(value, /^args\.value/, /128|maxDepth|deep/)
    await unsendable("deep", { levels: veryDeep }, /deep|maxDepth|128/)
  })

  test("I10 an integer of 5,000 digits", async () => {
    await refused({ n: 10n ** 4999n }, "args.value.n", /4,?300|digits/)
    await unsendable("power", { base: 10, exponent: 4999 }, /result.*(4,?300|digits)/)
  })

  test("I11 wrong types, missing and unknown parameters, unknown tools, before a worker hears of them", async () => {
    const before = pit.workers()[0]?.requests
    for (const [args, key] of [
      [{ text: 1, times: 1 }, "args.text"],
      [{ text: "a", times: "1" }, "args.times"],
      [{ text: "a", times: 1.5 }, "args.times"],
      [{ text: "a" }, "args.times"],
      [{ text: "a", times: 1, mark: "." }, "args.mark"],
      [{ text: "a", times: 1, more: 1 }, "args.more"],
      [{ text: null, times: 1 }, "args.text"],
    ] as const)
      expect(await errorOf(pit.execute("shout", args))).toMatchObject({ _tag: "InvalidParameter", key })
    const unknown = await errorOf(pit.execute("shuot", {}))
    expect(unknown).toMatchObject({ _tag: "UnknownTool", tool: "shuot" })
    expect(unknown.message).toContain("shout")
    expect(pit.workers()[0]?.requests).toBe(before)
    expect(await pit.execute("shout", { text: "a", times: 2 })).toBe("aa!")
  })

  test("I12 a result that cannot be sent names its type and its path", async () => {
    await unsendable("opaque", {}, /result\.rows\[1\].*inputs\.Opaque|inputs\.Opaque.*result\.rows\[1\]/)
    await unsendable("keyed", {}, /result.*(tuple|key)/)
  })

  test("I13 exceptions that cannot be printed, groups and chains of them still help", async () => {
    const unprintable = await errorOf(pit.execute("unprintable"))
    expect(unprintable).toMatchObject({ _tag: "ToolError", type: "Unprintable" })
    expect(unprintable.traceback).toContain("in unprintable")
    const group = await errorOf(pit.execute("group"))
    expect(group.message).toMatch(/several/)
    expect(group.traceback).toMatch(/first[\s\S]*second/)
    const chained = await errorOf(pit.execute("chained"))
    expect(chained).toMatchObject({ type: "ValueError", message: "ValueError: effect" })
    expect(chained.traceback).toMatch(/KeyError: 'cause'[\s\S]*direct cause[\s\S]*ValueError: effect/)
    const endless = await errorOf(pit.execute("from_itself"))
    expect(endless).toMatchObject({ type: "ValueError", message: "ValueError: first" })
    await unharmed()
  })

  test("I14 undefined is dropped from objects; it, functions and symbols are refused anywhere else", async () => {
    expect(await echo({ kept: 1, dropped: undefined })).toEqual({ kept: 1 })
    await refused([1, undefined], "args\\.value\\[1\\]", /undefined/)
    await refused({ call: () => 1 }, "args.value.call", /function/)
    await refused([Symbol("s")], "args\\.value\\[0\\]", /symbol/i)
    await refused({ own: new (class Opaque {})() }, "args.value.own", /Opaque/)
    await refused([new Map([["a", 1]])], "args\\.value\\[0\\]", /Map/)
    // An argument that is undefined is one that was not given.
    const missing = await errorOf(pit.execute("echo", { value: undefined }))
    expect(missing).toMatchObject({ _tag: "InvalidParameter", key: "args.value" })
  })
})
