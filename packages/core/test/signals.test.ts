import { expect, onTestFinished, test } from "vitest"
import { closeOnSignals } from "../src/signals.js"

const count = (): number => process.listenerCount("SIGTERM") + process.listenerCount("SIGINT")

test("one listener serves all, until the last one is undone", () => {
  const before = count()
  const undo = Array.from({ length: 12 }, () => closeOnSignals(async () => {}))
  expect(count()).toBe(before + 2)
  for (const remove of undo.slice(1)) remove()
  undo[1]?.()
  expect(count()).toBe(before + 2)
  undo[0]?.()
  expect(count()).toBe(before)
})

test("a signal acts when everything is closed, also what fails to close", async () => {
  const story: string[] = []
  const twice = new Promise<void>((resolve) => {
    // Also keeps this very process alive.
    const hear = (): void => {
      story.push("signal")
      if (story.filter((line) => line === "signal").length === 2) resolve()
    }
    process.on("SIGTERM", hear)
    onTestFinished(() => void process.off("SIGTERM", hear))
  })
  const before = count()
  closeOnSignals(() => Promise.reject(new Error("cannot be closed")))
  closeOnSignals(async () => {
    await new Promise(setImmediate)
    story.push("closed late")
  })
  closeOnSignals(async () => void story.push("closed at once"))
  process.kill(process.pid, "SIGTERM")
  await twice
  expect(story).toEqual(["signal", "closed at once", "closed late", "signal"])
  expect(count()).toBe(before)
})
