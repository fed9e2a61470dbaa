import { describe, expect, onTestFinished, test } from "vitest"
import { inProcess, launchWorker, memory } from "../../src/testing.js"
import { parseHello } from "../../src/transport/index.js"

describe("launchWorker", () => {
  test("shows a worker's first line, and then its frames", async () => {
    const worker = await launchWorker(inProcess({ tools: { ready: () => true } }), ["memory"])
    onTestFinished(() => worker.kill())
    const first = parseHello(worker.line ?? "")
    expect(first).toMatchObject({ kind: "hello", hello: { transport: "memory", tools: [{ name: "ready" }] } })
    const channel = await worker.open(memory())
    const answered = new Promise((resolve) => channel.onFrames(resolve))
    channel.send({ type: "call", id: 7, tool: "ready", args: {} })
    expect(await answered).toEqual([{ type: "result", id: 7, value: true }])
    channel.close()
    expect(await worker.exited).toEqual({ code: 0, signal: null })
  })

  test("tells a worker's own reason when it cannot start", async () => {
    const worker = await launchWorker(inProcess({ tools: {} }), ["pigeon"])
    await expect(worker.open(memory())).rejects.toThrow("memory()")
    await worker.exited
  })

  test("tells a worker what the test says", async () => {
    const worker = await launchWorker(inProcess({ tools: {} }), ["memory"])
    const channel = await worker.open(memory(), { welcome: { snakepit: 2 } })
    channel.onFrames(() => {})
    expect(await worker.exited).toEqual({ code: 1, signal: null })
  })
})
