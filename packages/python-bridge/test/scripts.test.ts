import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { type PythonOptions, python } from "@snakepit/python-bridge"
import { describe, expect, test } from "vitest"
import { channels, errorOf, folder, Records, start } from "./helpers.js"

const head = "from snakepit_bridge import BaseCommandHandler, ProtocolHandler\n"

/** Runs a script that serves a handler, with some lines in front of the serving. */
async function startScript(
  lines: string,
  options: PythonOptions = {},
  more: Parameters<typeof start>[2] = {},
) {
  const cwd = await folder()
  writeFileSync(join(cwd, "neighbour.py"), "factor = 3\n")
  writeFileSync(join(cwd, "serve.py"), head + lines)
  const adapter = python({ script: "./serve.py", cwd, ...options })
  return start("", {}, { adapter, ...more })
}

const handler = `
class Handler(BaseCommandHandler):
    def _register_commands(self):
        self.register_command("triple", lambda args: args["value"] * neighbour.factor)
`

describe.each(channels)("on %s, a script", (channel) => {
  test("may print before it serves, and import what lies beside it", async () => {
    const records = new Records()
    const pit = await startScript(
      `import neighbour, sys\nprint("loading", *sys.argv[1:])\n${handler}\nProtocolHandler(Handler()).run()\nprint("done")`,
      { channel, args: ["--model", "tiny"] },
      { logger: records.logger },
    )
    expect(await pit.execute("triple", { value: 14 })).toBe(42)
    await records.saying("loading --model tiny")
    await pit.close()
    await records.saying("done")
  })

  test("whose handler cannot be made makes the start fail, with the traceback", async () => {
    const broken = `
class Handler(BaseCommandHandler):
    def __init__(self):
        raise RuntimeError("no model")
ProtocolHandler(Handler()).run()
`
    const error = await errorOf(startScript(broken, { channel }))
    expect(error).toMatchObject({ _tag: "StartFailed", reason: "adapter" })
    expect(error.message).toContain("RuntimeError: no model")
    expect(error.traceback).toMatch(/serve\.py", line 5, in __init__/)
  })

  test("that never serves makes the start fail, and says what is missing", async () => {
    const error = await errorOf(startScript("", { channel }))
    expect(error).toMatchObject({ _tag: "StartFailed" })
    expect(error.message).toContain("ended without ProtocolHandler(...).run()")
  })
})

test.each<[PythonOptions, RegExp]>([
  [{ script: "./a.py", adapter: "a:A" }, /not both/],
  [{ script: "a" }, /"a" names no script/],
  [{ script: "../a.py" }, /names no script/],
  [{ script: "" }, /names no script/],
])("the options %o are refused", (options, message) => {
  expect(() => python(options)).toThrowError(message)
  expect(() => python(options)).toThrowError(
    expect.objectContaining({ _tag: "InvalidConfig", key: "script" }),
  )
})
