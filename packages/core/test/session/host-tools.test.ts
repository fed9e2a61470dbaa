import { expect, onTestFinished, test } from "vitest"
import { type HostToolHandler, type HostToolOptions, InvalidConfig, Snakepit } from "../../src/index.js"
import { inProcess, memory } from "../../src/testing.js"

async function start(): Promise<Snakepit> {
  const pit = await Snakepit.start({
    adapter: inProcess({ tools: {} }),
    transports: [memory()],
    pool: { size: 1 },
    logger: false,
  })
  onTestFinished(() => pit.close())
  return pit
}

const handler = () => 1

test.each<[string, unknown, unknown, unknown?]>([
  ["a name with a space", "a b", handler],
  ["an empty name", "", handler],
  ["a name of 65 letters", "x".repeat(65), handler],
  ["a name that is no text", 5, handler],
  ["a name that is a symbol", Symbol("name"), handler],
  ["a number in place of a function", "x", 5],
  ["no function", "x", undefined],
  ["a session that is no text", "x", handler, { session: 5 }],
  ["a description that is no text", "x", handler, { description: 5 }],
])("a host tool is refused for %s", async (_what, name, tool, options) => {
  const pit = await start()
  const register = () =>
    pit.tools.register(name as string, tool as HostToolHandler<unknown>, options as HostToolOptions)
  expect(register).toThrow(InvalidConfig)
  expect(pit.tools.list().host).toEqual([])
})

test("a session is refused whose id is no text", async () => {
  const pit = await start()
  expect(() => pit.session(5 as unknown as string)).toThrow(InvalidConfig)
})
