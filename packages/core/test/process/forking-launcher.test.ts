import { describe, expect, onTestFinished, test } from "vitest"
import type { ProcessPlan } from "../../src/adapter/adapter.js"
import { ForkingLauncher } from "../../src/process/fork-server/forking-launcher.js"
import type { LaunchedWorker } from "../../src/process/launched.js"

const hello = `os.write(3, b'{"snakepit": 1}\\n')`

/** What becomes of a launch by a fork server that runs this script; and what that printed, and why it was given up. */
function launched(script: string) {
  const printed: string[] = []
  const fallbacks: string[] = []
  const launcher = new ForkingLauncher({
    onOutput: ({ text }) => printed.push(text),
    onFallback: (reason) => fallbacks.push(reason),
    onWarning: () => {},
  })
  onTestFinished(() => launcher.close())
  const args = ["-u", "-c", `import os, sys, time\n${script}`]
  const plan: ProcessPlan = {
    executable: "true",
    args: [],
    forkServer: { executable: "python3", args, workerArgs: [], loads: ["numpy"] },
  }
  const launch = (signal: AbortSignal): Promise<LaunchedWorker> =>
    launcher.launch(plan, { offer: [], onOutput() {}, signal })
  return { launch, printed, fallbacks }
}

describe("a fork server that lives but cannot be talked to", () => {
  test.each([
    ["closes its channel", "os.close(3)"],
    ["says a line without an end", "os.write(3, b'x' * 3_000_000)"],
  ])("and %s is replaced, and given up when the next ones are like it", async (_, trouble) => {
    const { launch, fallbacks } = launched(`${hello}\n${trouble}\ntime.sleep(600)`)
    const worker = await launch(new AbortController().signal)
    expect(await worker.exited).toEqual({ code: 0, signal: null })
    expect(fallbacks).toEqual([expect.stringContaining("ended 3 times")])
  })
})

describe("a fork server that loads for longer than a launch may take", () => {
  const hangs = "print('loading the weights', file=sys.stderr)\ntime.sleep(600)"

  test("ends with the launch that began it, which tells what it was at", async () => {
    const { launch, printed } = launched(hangs)
    const limit = new AbortController()
    const failed = launch(limit.signal).catch((error: unknown) => error)
    while (printed.length === 0) await new Promise(setImmediate)
    limit.abort()
    const error = await failed
    expect(error).toMatchObject({ name: "StillLoading" })
    expect(String(error)).toMatch(/still loading numpy\. .*stderr:\nloading the weights$/)
  })

  test("goes on when another launch that waits for it is given up, and the others have a new one", async () => {
    const { launch, printed } = launched(hangs)
    const limits = [1, 2, 3].map(() => new AbortController())
    const [first, second, third] = limits.map(({ signal }) => launch(signal).catch((error: unknown) => error))
    while (printed.length < 1) await new Promise(setImmediate)
    limits[1]?.abort()
    expect(await second).toMatchObject({ name: "StillLoading" })
    limits[0]?.abort()
    expect(await first).toMatchObject({ name: "StillLoading" })
    while (printed.length < 2) await new Promise(setImmediate)
    limits[2]?.abort()
    expect(await third).toMatchObject({ name: "StillLoading" })
    expect(printed).toEqual(["loading the weights", "loading the weights"])
  })
})
