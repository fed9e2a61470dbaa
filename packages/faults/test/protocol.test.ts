import type { Chunk, Snakepit } from "@snakepit/core"
import { describe, expect, test } from "vitest"
import { type AnyError, errorOf } from "../src/outcomes.js"
import { until } from "../src/processes.js"
import { scaled } from "../src/scale.js"
import { channelTransports } from "./support/pit.js"
import { startScripted } from "./support/scripted.js"
import { withSeeds } from "./support/seeds.js"

/** The worker broke the protocol: its call says how, and another worker goes on. */
async function expectBroken(pit: Snakepit, error: AnyError, how: RegExp): Promise<void> {
  expect(error).toMatchObject({ _tag: "WorkerCrashed", message: expect.stringMatching(how) })
  expect(error.message).toContain("broke the protocol")
  expect(await pit.execute("echo", { value: "sound" })).toBe("sound")
}

/** Consumes a stream into a list, and gives the error that it ends with. */
async function brokenStream(pit: Snakepit, tool: string, seen: unknown[]): Promise<AnyError> {
  return errorOf(pit.executeStream(tool, {}, (chunk: Chunk<unknown>) => void seen.push(chunk.data)))
}

describe.each(channelTransports)("over %s", (over) => {
  test("R3 a frame that ends in the middle is a protocol error", async () => {
    const pit = await startScripted(over)
    await expectBroken(pit, await errorOf(pit.execute("half_a_frame")), /in the middle of a frame/)
  })

  test("R4 a length beyond the limit is refused before anything of it has come", async () => {
    const pit = await startScripted(over)
    // Nothing follows the length: who waits for the bytes never answers.
    await expectBroken(pit, await errorOf(pit.execute("too_long")), /max(Frame|Attachment)Bytes/)
    const attachment = await errorOf(pit.execute("too_long_attachment"))
    await expectBroken(pit, attachment, /maxAttachmentBytes/)
  })

  test("R5 a frame of an unknown type is a protocol error that names it", async () => {
    const pit = await startScripted(over)
    await expectBroken(pit, await errorOf(pit.execute("unknown_type")), /teleport/)
  })

  test("R6 versions that differ are both named, and nothing is left running", async () => {
    const error = await errorOf(startScripted(over, { SPOKEN_VERSION: "7" }))
    expect(error).toMatchObject({ _tag: "StartFailed", reason: "version" })
    expect(error.message).toContain("version 7")
    expect(error.message).toContain("version 1")
  })

  test("R7 of two answers the first one counts", async () => {
    const pit = await startScripted(over)
    expect(await pit.execute("twice")).toBe("first")
    expect(await pit.execute("echo", { value: "next" })).toBe("next")
    expect(pit.workers()).toMatchObject([{ droppedFrames: 2 }])
    expect(pit.stats()).toMatchObject({ crashes: 0, errors: 0 })
  })

  test("R8 what answers no open call is dropped, and reaches no other one", async () => {
    const pit = await startScripted(over)
    const calls = ["stranger", "echo", "stranger", "echo"].map((tool) =>
      pit.execute(tool, { value: "an echo" }),
    )
    expect(await Promise.all(calls)).toEqual(["yours", "an echo", "yours", "an echo"])
    expect(pit.stats()).toMatchObject({ crashes: 0, errors: 0 })
    expect(pit.workers()).toMatchObject([{ droppedFrames: 6 }])
  })

  test("R9 bytes that end within a stream are an error after the chunks that came", async () => {
    const pit = await startScripted(over)
    const seen: unknown[] = []
    const error = await brokenStream(pit, "ends_in_stream", seen)
    expect(seen).toEqual([0, 1])
    expect(error).toMatchObject({ _tag: "WorkerCrashed", exitCode: 0 })
    expect(await pit.execute("echo", { value: "sound" })).toBe("sound")
  })

  test("R10 chunks behind the final one are dropped and counted", async () => {
    const pit = await startScripted(over)
    const seen: unknown[] = []
    await pit.executeStream("goes_on", {}, (chunk) => void seen.push(chunk.data))
    expect(seen).toEqual([0, 1])
    expect(await pit.execute("echo", { value: "next" })).toBe("next")
    expect(pit.workers()).toMatchObject([{ droppedFrames: 2 }])
  })

  test("R12 a gap in seq is a protocol error after the chunks before it", async () => {
    const pit = await startScripted(over)
    const seen: unknown[] = []
    await expectBroken(pit, await brokenStream(pit, "gap", seen), /chunk 2 .* where 1 was due/)
    expect(seen).toEqual([0])
  })

  test("I6 bytes that are no UTF-8 where text must stand are a protocol error", async () => {
    const pit = await startScripted(over)
    await expectBroken(pit, await errorOf(pit.execute("not_utf8")), /UTF-8/)
  })

  test("R14 whatever bytes a worker sends, its call ends, and another worker goes on", async () => {
    const pit = await startScripted(over)
    await withSeeds(`garbage-${over}`, async (seed) => {
      for (let round = 0; round < scaled(8, 500); round += 1) {
        const outcome = await pit.execute("garbage", { seed: seed + round }).then(
          () => "value",
          (error: AnyError) => error._tag,
        )
        expect(["value", "WorkerCrashed", "ToolError", "RemoteError"]).toContain(outcome)
        await until(() => pit.stats().workers === 1)
      }
      expect(await pit.execute("echo", { value: "sound" })).toBe("sound")
    })
  })
})
