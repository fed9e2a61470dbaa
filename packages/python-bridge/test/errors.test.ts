import { inspect } from "node:util"
import { CallCancelled, RemoteError, Snakepit, ToolError, WorkerCrashed } from "@snakepit/core"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { config, errorOf, start } from "./helpers.js"

let pit: Snakepit
beforeAll(async () => {
  pit = await Snakepit.start(config("failing:Failing"))
})
afterAll(() => pit.close())

/** A function of its own, to be found in the stack. */
async function callerOf(tool: string, args = {}): Promise<unknown> {
  return await pit.execute(tool, args)
}

describe("an exception of a tool", () => {
  test("arrives with its type, its message, its traceback and the stack of the caller", async () => {
    const error = await errorOf(callerOf("divide", { a: 1, b: 0 }))
    expect(error).toBeInstanceOf(ToolError)
    expect(error).toMatchObject({
      _tag: "ToolError",
      name: "ToolError",
      tool: "divide",
      type: "ZeroDivisionError",
      message: "ZeroDivisionError: division by zero",
      workerId: "default-1",
      retryable: false,
    })
    expect(error.traceback).toMatch(
      /^Traceback \(most recent call last\):\n {2}File ".*failing\.py", line \d+, in divide\n {4}return a \/ b/,
    )
    expect(error.traceback).not.toContain("_worker")
    expect(error.stack).toMatch(
      /^ToolError: ZeroDivisionError: division by zero\n[\s\S]*?at callerOf \(.*errors\.test\.ts/,
    )
  })

  test("is printed with message, stack and traceback, alone and inside of something else", async () => {
    const error = await errorOf(callerOf("divide", { a: 1, b: 0 }))
    for (const text of [inspect(error), inspect({ error }), inspect(new Error("mine", { cause: error }))]) {
      expect(text).toContain("ToolError: ZeroDivisionError: division by zero")
      expect(text).toContain("callerOf")
      expect(text).toContain("in divide")
    }
    expect(String(error)).toBe("ToolError: ZeroDivisionError: division by zero")
    expect(JSON.parse(JSON.stringify(error))).toMatchObject({
      _tag: "ToolError",
      tool: "divide",
      message: error.message,
    })
  })

  test("keeps its attributes as details", async () => {
    const error = await errorOf(callerOf("custom"))
    expect(error).toMatchObject({
      type: "ModelError",
      message: "ModelError: resnet50 diverged in epoch 3",
      details: { model: "resnet50", epoch: 3 },
    })
    expect(await errorOf(callerOf("in_coroutine"))).toMatchObject({ details: { model: "async", epoch: 1 } })
    expect(await errorOf(callerOf("divide", { a: 1, b: 0 }))).not.toHaveProperty("details")
  })

  test("keeps what it was raised from, and what it was raised while handling", async () => {
    const chained = await errorOf(callerOf("chained"))
    expect(chained).toMatchObject({ type: "ValueError", message: "ValueError: bad settings" })
    expect(chained.traceback).toMatch(
      /ZeroDivisionError: [\s\S]*direct cause of the following[\s\S]*ValueError: bad settings/,
    )
    const implicit = await errorOf(callerOf("implicit"))
    expect(implicit.traceback).toMatch(
      /ZeroDivisionError: [\s\S]*During handling of[\s\S]*KeyError: 'while handling'/,
    )
  })

  test.each([
    ["unprintable", "Unprintable", /Unprintable/],
    ["half_a_character", "ValueError", /bad \\ud800 text/],
    ["huge", "ValueError", /^ValueError: x{1000}[\s\S]*characters left out/],
    ["recursive", "RecursionError", /maximum recursion depth/],
    ["leaves", "SystemExit", /3/],
    ["interrupts", "KeyboardInterrupt", /KeyboardInterrupt/],
  ])("arrives however odd it is: %s", async (tool, type, message) => {
    const pid = await pit.execute("pid")
    const error = await errorOf(callerOf(tool))
    expect(error).toMatchObject({ _tag: "ToolError", type })
    expect(error.message).toMatch(message)
    expect(error.message.length).toBeLessThan(100_000)
    expect(await pit.execute("pid")).toBe(pid)
  })

  test("in the middle of a stream comes after the chunks before it", async () => {
    const seen: unknown[] = []
    const consume = async (): Promise<void> => {
      for await (const chunk of pit.stream("midway", { n: 3 })) seen.push(chunk.data)
    }
    const error = await errorOf(consume())
    expect(seen).toEqual([0, 1, 2])
    expect(error).toMatchObject({ _tag: "ToolError", type: "ModelError", details: { epoch: 3 } })
    expect(error.stack).toContain("consume")
    expect(error.stack).toContain("in midway")
  })
})

test("a result that cannot travel is told with its path", async () => {
  const error = await errorOf(callerOf("unsendable"))
  expect(error).toBeInstanceOf(RemoteError)
  expect(error).toMatchObject({ _tag: "RemoteError", code: "not_serializable", tool: "unsendable" })
  expect(error.message).toContain("result.rows[1]")
  const stream = pit.stream("unsendable_chunk")
  expect(await stream.next()).toMatchObject({ value: { data: 1 } })
  const chunk = await errorOf(stream.next())
  expect(chunk).toMatchObject({ code: "not_serializable" })
  expect(chunk.message).toContain("chunk[0]")
})

test("a cancelled call can be told from others, and says why", async () => {
  const error = await errorOf(pit.execute("pid", {}, { signal: AbortSignal.abort() }))
  expect(error).toBeInstanceOf(CallCancelled)
  expect(error.message).toContain('"pid" was cancelled')
  expect(error.stack).toContain("errors.test.ts")
})

describe("a worker that ends in the middle of a call is told", () => {
  test("with the signal and its last words", async () => {
    const crashing = await start("failing:Failing")
    const pid = await crashing.execute("pid")
    const error = await errorOf(crashing.execute("crash", { words: "reading /dev/accelerator" }))
    expect(error).toBeInstanceOf(WorkerCrashed)
    expect(error).toMatchObject({
      _tag: "WorkerCrashed",
      tool: "crash",
      workerId: "default-1",
      pid,
      signal: "SIGSEGV",
    })
    expect(error.message).toContain('was killed by SIGSEGV while it ran "crash"')
    expect(error.message).toContain("reading /dev/accelerator")
    // What faulthandler says comes last, from within the signal.
    expect(error.stderr).toMatch(
      /reading \/dev\/accelerator\n[\s\S]*Fatal Python error: Segmentation fault[\s\S]*in crash/,
    )
    expect(error.stack).toContain("errors.test.ts")
    expect(inspect(error)).toContain("Segmentation fault")
  })

  test("with its exit code and all that it said", async () => {
    const crashing = await start("failing:Failing")
    const words = `${"a long farewell ".repeat(400)}the end`
    for (let round = 0; round < 10; round += 1) {
      const error = await errorOf(crashing.execute("exit_now", { words, code: 7 }))
      expect(error).toMatchObject({ _tag: "WorkerCrashed", exitCode: 7 })
      expect(error).not.toHaveProperty("signal")
      expect(error.stderr).toBe(words)
    }
    expect(crashing.stats()).toMatchObject({ crashes: 10, errors: 10 })
  })

  test("to a consumer after the chunks that came before", async () => {
    const crashing = await start("basic:Basic")
    const pid = await crashing.execute<number>("pid")
    const stream = crashing.stream("count", { n: 1e9 })
    expect(await stream.next()).toMatchObject({ value: { data: 0 } })
    process.kill(pid, "SIGKILL")
    const drain = async (): Promise<void> => {
      let next = 1
      for await (const chunk of stream) expect(chunk.data).toBe(next++)
    }
    expect(await errorOf(drain())).toMatchObject({ _tag: "WorkerCrashed", signal: "SIGKILL" })
  })
})
