import { isNativeAccelerationEnabled } from "msgpackr"
import { expect, test, vi } from "vitest"

// msgpackr reads strings by other means where its compiled helper could not be installed.
vi.hoisted(() => {
  process.env.MSGPACKR_NATIVE_ACCELERATION_DISABLED = "true"
})

test("msgpackr runs without its compiled helper here", () => {
  expect(isNativeAccelerationEnabled).toBe(false)
})

await import("./vectors.test.js")
await import("./values.test.js")
await import("./decoder.test.js")
