import { expect, test } from "vitest"
import type { PendingCall } from "../../src/pool/calls/pending-call.js"
import { onQuickMachine, Stage } from "./fakes.js"

onQuickMachine()

const died = { code: null, signal: "SIGSEGV" } as const
const retry = { attempts: 3, minDelayMs: 0, maxDelayMs: 0 }

/** Whoever hears of a loss may end calls in the middle of it. */
function cancels(stage: () => Stage, calls: readonly PendingCall[]): void {
  for (const call of calls) stage().pool.cancel(call, "nobody wants it")
}

test("what is cancelled when a strict session loses its worker does not wait for the session to be rebuilt", async () => {
  const calls: PendingCall[] = []
  const stage: Stage = new Stage({
    onSessionLost: () => {
      cancels(() => stage, calls)
      return true
    },
  })
  const worker = stage.puppet()
  calls.push(...["1", "2", "3"].map((tool) => stage.callIn("s", tool, "strict_queue")))
  worker.die(died)
  await worker.worker.stopped
  stage.pool.rebindSession("s")
  expect(stage.puppet().calls).toEqual([])
  expect(stage.pool.stats()).toMatchObject({ queued: 0, errors: 3 })
})

test("what is cancelled when a session is found to crash workers is not made again", async () => {
  const crashBarrier = { taintOn: new Set<string>(), sessionCrashes: 1, periodMs: 60_000 }
  const stage = new Stage({ retry, crashBarrier })
  const worker = stage.puppet()
  const call = stage.callIn("s", "crashes", "hint", { idempotent: true })
  stage.emitter.on("snakepit.session.tainted", () => cancels(() => stage, [call]))
  worker.die(died)
  await worker.worker.stopped
  expect(stage.outcomes.get("crashes")).toMatchObject({ _tag: "CallCancelled" })
  expect(stage.pool.stats()).toMatchObject({ retried: 0, queued: 0 })
  expect(stage.puppet().calls).toEqual([])
})

test("what is cancelled when its error has spoiled a worker is not made again", () => {
  const crashBarrier = { taintOn: new Set(["Refused"]), sessionCrashes: 3, periodMs: 60_000 }
  const stage = new Stage({ retry, crashBarrier })
  const worker = stage.puppet()
  const call = stage.call("spoils", { idempotent: true })
  stage.emitter.on("snakepit.worker.tainted", () => cancels(() => stage, [call]))
  worker.refuse("spoils", "tool_error", { retryable: true })
  expect(stage.outcomes.get("spoils")).toMatchObject({ _tag: "CallCancelled" })
  expect(stage.pool.stats()).toMatchObject({ retried: 0, queued: 0 })
})
