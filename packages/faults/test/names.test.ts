import { Snakepit } from "@snakepit/core"
import { launchWorker } from "@snakepit/core/testing"
import { python } from "@snakepit/python-bridge"
import { describe, expect, onTestFinished, test } from "vitest"
import { errorOf } from "../src/outcomes.js"
import { tools } from "../src/workers.js"
import { config, start } from "./support/pit.js"

describe("an adapter's name", () => {
  test.each([
    "../tools.py:Tools",
    "./a/../../tools.py:Tools",
    "..\\tools.py:Tools",
    "os:system('true')",
    "os;import sys:Tools",
    "/etc/passwd:Tools",
    "--adapter:Tools",
    "",
  ])("S2 %j names no adapter, and nothing is launched for it", (adapter) => {
    expect(() => python({ adapter })).toThrow(
      expect.objectContaining({ _tag: "InvalidConfig", key: "adapter" }),
    )
  })

  test.each([
    "os:system",
    "os.system",
    "subprocess:run",
    "builtins:exec",
    "subprocess:Popen",
    "os:path",
    "a..b:C",
  ])("S2 %s is no adapter, and is never called", async (adapter) => {
    const error = await errorOf(Snakepit.start(config("", {}, { adapter: tools(adapter) })))
    expect(error).toMatchObject({ _tag: "StartFailed", reason: "adapter" })
  })

  test("S2 a worker that is told such a name by somebody else refuses it, too", async () => {
    const honest = tools("busy:Busy", { launch: "spawn" })
    const lying = (spec: string) => ({
      ...honest,
      launch: async (context: Parameters<typeof honest.launch>[0]) => {
        const plan = await honest.launch(context)
        if (plan.kind === "in-process") throw new Error("no process")
        return { ...plan, args: plan.args.map((arg) => (arg === "busy:Busy" ? spec : arg)) }
      },
    })
    for (const spec of ["../busy.py:Busy", "./x/../busy.py:Busy", "os:system", "os.system"]) {
      const worker = await launchWorker(lying(spec), ["json"])
      onTestFinished(() => worker.kill())
      expect(JSON.parse(worker.line ?? "")).toMatchObject({
        error: { code: "internal", type: "AdapterError" },
      })
      await worker.exited
    }
  })
})

test("S5 what belongs to another session is answered like what was never there", async () => {
  const pit = await start("secretive:Secretive")
  const mine = pit.session("mine")
  await mine.execute("keep", { name: "thing", value: "secret" })
  mine.tools.register("thing", () => "secret")
  const told = await mine.execute<string[]>("look", { name: "thing" })
  expect(told.every((line) => line.startsWith("found"))).toBe(true)
  const [foreign, missing] = await Promise.all(
    ["thing", "guess"].map((name) => pit.session("theirs").execute<string[]>("look", { name })),
  )
  expect(foreign?.map((line) => line.replaceAll("thing", "guess"))).toEqual(missing)
  expect(JSON.stringify(foreign)).not.toContain("secret")
  // One that has ended is like one that never was.
  await mine.close()
  expect(await pit.sessions.get("mine")).toEqual(await pit.sessions.get("never"))
  const gone = await errorOf(pit.sessions.update("mine", (data) => data))
  const never = await errorOf(pit.sessions.update("never", (data) => data))
  expect(gone._tag).toBe(never._tag)
  expect(gone.message.replace("mine", "never")).toBe(never.message)
  expect(await pit.session("mine").execute("look", { name: "thing" })).toEqual(
    await pit.session("never").execute<string[]>("look", { name: "thing" }),
  )
})
