import { Schema } from "effect"
import { describe, expect, expectTypeOf, onTestFinished, test } from "vitest"
import { type HostToolArgs, type SchemaIssue, Snakepit, type StandardSchema } from "../../src/index.js"
import { inProcess, memory, type ToolContext } from "../../src/testing.js"

type Ask = { readonly tool: string; readonly args: HostToolArgs }

async function start(): Promise<Snakepit> {
  const ask = ({ tool, args }: Ask, { callHostTool }: ToolContext) => callHostTool(tool, args)
  const pit = await Snakepit.start({
    adapter: inProcess({ tools: { ask } }),
    transports: [memory()],
    pool: { size: 1 },
    logger: false,
  })
  onTestFinished(() => pit.close())
  return pit
}

/** Schemas by hand: what the interface asks for, and no more. */
function byHand<Output>(
  validate: StandardSchema<unknown, Output>["~standard"]["validate"],
): StandardSchema<unknown, Output> {
  return { "~standard": { version: 1, vendor: "test", validate } }
}

const failing = (...issues: SchemaIssue[]) => byHand<never>(() => ({ issues }))

describe("the schema of a host tool", () => {
  test("makes the arguments that its handler gets, and says their type", async () => {
    const pit = await start()
    const schema = byHand((value) => ({ value: { id: Number(Object(value).id) + 1 } }))
    pit.tools.register(
      "next",
      (args) => {
        expectTypeOf(args).toEqualTypeOf<{ id: number }>()
        return args
      },
      { schema },
    )
    expect(await pit.execute("ask", { tool: "next", args: { id: 1, more: 2 } })).toEqual({ id: 2 })
  })

  test("may be of a library", async () => {
    const pit = await start()
    const schema = Schema.toStandardSchemaV1(
      Schema.Struct({ id: Schema.Int, rows: Schema.Array(Schema.Struct({ name: Schema.String })) }),
    )
    pit.session("s").tools.register("count", ({ rows }) => rows.length, { schema })
    const ask = (args: HostToolArgs) => pit.session("s").execute("ask", { tool: "count", args })
    expect(await ask({ id: 1, rows: [{ name: "a" }] })).toBe(1)
    const refused = ask({ id: 1, rows: [{ name: "a" }, { name: 5 }] })
    await expect(refused).rejects.toMatchObject({
      _tag: "ToolError",
      type: "InvalidParameter",
      message: expect.stringContaining("rows[1].name"),
    })
  })

  test("leaves the arguments as they are when there is none", async () => {
    const pit = await start()
    pit.tools.register(
      "same",
      (args) => {
        expectTypeOf(args).toEqualTypeOf<HostToolArgs>()
        return args
      },
      { description: "No schema." },
    )
    expect(await pit.execute("ask", { tool: "same", args: { a: 1 } })).toEqual({ a: 1 })
  })

  test.each<[string, StandardSchema<unknown, never>, string]>([
    ["an issue", failing({ message: "is odd", path: ["a", 2, "b c"] }), 'a[2]["b c"]: is odd'],
    ["segments of a path", failing({ message: "is odd", path: [{ key: "a" }, { key: 0 }] }), "a[0]: is odd"],
    ["several issues", failing({ message: "x", path: ["a"] }, { message: "y" }), "a: x (and 1 more)"],
    ["no path", failing({ message: "is odd" }), "args: is odd"],
    ["a promise", byHand<never>(async () => ({ issues: [{ message: "late" }] })), "args: late"],
    ["no issue at all", failing(), "args: is not what the schema asks for"],
  ])("refuses by %s before the handler runs", async (_what, schema, text) => {
    const pit = await start()
    let ran = false
    const handler = (): void => {
      ran = true
    }
    pit.tools.register("never", handler, { schema })
    await expect(pit.execute("ask", { tool: "never", args: {} })).rejects.toThrow(text)
    expect(ran).toBe(false)
  })

  test("that throws fails the call", async () => {
    const pit = await start()
    const schema = byHand<never>(() => {
      throw new RangeError("broken schema")
    })
    pit.tools.register("never", () => 1, { schema })
    await expect(pit.execute("ask", { tool: "never", args: {} })).rejects.toThrow("broken schema")
  })
})
