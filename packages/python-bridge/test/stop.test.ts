import { existsSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import type { Snakepit } from "@snakepit/core"
import { describe, expect, onTestFinished, test } from "vitest"
import { channels, collect, errorOf, folder, gone, start, until } from "./helpers.js"

/** The one worker still serves, under the same pid, and tells what its tools noted. */
async function notesOf(pit: Snakepit, pid: number): Promise<string[]> {
  expect(await pit.execute("pid")).toBe(pid)
  expect(pit.workers().map((worker) => worker.pid)).toEqual([pid])
  return pit.execute<string[]>("recall")
}

describe.each(channels)("on %s, what stops a call stops Python and frees the same worker:", (channel) => {
  const stopping = () => start("stopping:Stopping", {}, { python: { channel } })

  test.each(["endless", "endless_async"])("`break` out of a stream of %s", async (tool) => {
    const pit = await stopping()
    const pid = await pit.execute<number>("pid")
    const seen: unknown[] = []
    for await (const chunk of pit.stream(tool)) {
      seen.push(chunk.data)
      if (seen.length === 5) break
    }
    expect(seen).toEqual([0, 1, 2, 3, 4])
    expect(await notesOf(pit, pid)).toContain("finally")
  })

  test("an exception in the loop's body", async () => {
    const pit = await stopping()
    const pid = await pit.execute<number>("pid")
    const consume = async () => {
      for await (const _ of pit.stream("endless")) throw new Error("mine")
    }
    await expect(consume()).rejects.toThrow("mine")
    expect(await notesOf(pit, pid)).toContain("finally")
  })

  test.each(["nap", "spin", "nap_async"])("an abort of %s", async (tool) => {
    const pit = await stopping()
    const touch = join(await folder(), "begun")
    const pid = await pit.execute<number>("pid")
    const abort = new AbortController()
    const call = errorOf(pit.execute(tool, { touch }, { signal: abort.signal }))
    await until(() => existsSync(touch))
    abort.abort()
    expect(await call).toMatchObject({ _tag: "CallCancelled", tool })
    expect(await notesOf(pit, pid)).toEqual(["finally"])
  })

  test("an abort of a stream that waits for its first chunk", async () => {
    const pit = await stopping()
    const touch = join(await folder(), "begun")
    const pid = await pit.execute<number>("pid")
    const abort = new AbortController()
    const next = errorOf(pit.stream("silent_stream", { touch }, { signal: abort.signal }).next())
    await until(() => existsSync(touch))
    abort.abort()
    expect(await next).toMatchObject({ _tag: "CallCancelled" })
    expect(await notesOf(pit, pid)).toEqual(["finally"])
  })

  test("a timeout of a call, and of a stream", async () => {
    const pit = await stopping()
    const touch = join(await folder(), "begun")
    const pid = await pit.execute<number>("pid")
    const error = await errorOf(pit.execute("spin", { touch }, { timeout: 100 }))
    expect(error).toMatchObject({ _tag: "CallTimeout", tool: "spin", timeoutMs: 100, started: true })
    expect(await notesOf(pit, pid)).toEqual(["finally"])

    const consume = async () => {
      for await (const _ of pit.stream("endless", {}, { timeout: "100 millis" }));
    }
    expect(await errorOf(consume())).toMatchObject({ _tag: "CallTimeout", timeoutMs: 100 })
    expect(await notesOf(pit, pid)).toContain("finally")
  })

  test("a consumer that leaves while the tool waits for credit", async () => {
    const pit = await stopping()
    const pid = await pit.execute<number>("pid")
    const stream = pit.stream("endless", { pause: 0 }, { credit: 2 })
    expect((await stream.next()).value?.data).toBe(0)
    await stream.return?.()
    expect(await notesOf(pit, pid)).toContain("finally")
    expect(await stream.next()).toEqual({ done: true, value: undefined })
  })
})

test("one signal stops all the calls that share it, and leaves no listener with those that ended", async () => {
  const warnings: Error[] = []
  const onWarning = (warning: Error): void => void warnings.push(warning)
  process.on("warning", onWarning)
  onTestFinished(() => void process.off("warning", onWarning))
  const pit = await start("stopping:Stopping", { size: 2 })
  const abort = new AbortController()
  const options = { signal: abort.signal }
  const first = Array.from({ length: 100 }, () => pit.execute("pid", {}, options))
  expect(new Set(await Promise.all(first)).size).toBeGreaterThan(0)
  const begun = join(await folder(), "begun")
  const calls = [errorOf(pit.execute("nap", { touch: begun }, options))]
  await until(() => existsSync(begun))
  calls.push(errorOf(pit.execute("spin", { touch: begun }, options)))
  for (let i = 0; i < 50; i += 1) calls.push(errorOf(collect(pit.stream("endless", {}, options))))
  abort.abort()
  for (const error of await Promise.all(calls)) expect(error).toMatchObject({ _tag: "CallCancelled" })
  expect(warnings).toEqual([])
  await until(() => pit.stats().busy === 0)
  expect(pit.stats()).toMatchObject({ errors: 52, crashes: 0, queued: 0 })
})

describe("a tool that refuses to stop", () => {
  test("is killed after the grace and replaced; its late result reaches nobody", async () => {
    const pit = await start("stopping:Stopping", { cancelGrace: 200 })
    const [touch, released] = [join(await folder(), "begun"), join(await folder(), "released")]
    const pid = await pit.execute<number>("pid")
    const abort = new AbortController()
    const refused = errorOf(pit.execute("refuse", { touch, released }, { signal: abort.signal }))
    await until(() => existsSync(touch))
    const behind = pit.execute<number>("pid")
    abort.abort()
    expect(await refused).toMatchObject({ _tag: "CallCancelled" })
    // The call behind it never started on the killed worker, so it is served by its successor.
    const successor = await behind
    expect(successor).not.toBe(pid)
    await gone(pid)
    writeFileSync(released, "")
    expect(await pit.execute("pid")).toBe(successor)
    expect(pit.stats()).toMatchObject({ workers: 1, busy: 0, queued: 0, crashes: 1 })
  })

  test("keeps its worker when it ends within the grace, and its late result is dropped", async () => {
    const pit = await start("stopping:Stopping", { cancelGrace: "1 minute" })
    const [touch, released] = [join(await folder(), "begun"), join(await folder(), "released")]
    const pid = await pit.execute<number>("pid")
    const error = await errorOf(pit.execute("refuse", { touch, released }, { timeout: 100 }))
    expect(error).toMatchObject({ _tag: "CallTimeout", started: true })
    const after = [pit.execute("pid"), pit.execute("recall")]
    writeFileSync(released, "")
    expect(await Promise.all(after)).toEqual([pid, []])
    expect(pit.stats()).toMatchObject({ workers: 1, busy: 0, errors: 1, crashes: 0 })
  })
})
