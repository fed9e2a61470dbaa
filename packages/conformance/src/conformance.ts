import { fileURLToPath } from "node:url"
import { describe, expect, type RunnerTestSuite, test } from "vitest"
import { backpressure } from "./suites/backpressure.js"
import { cancel } from "./suites/cancel.js"
import { errors } from "./suites/errors.js"
import { handshake } from "./suites/handshake.js"
import { hostCalls } from "./suites/host-calls.js"
import { hostTools } from "./suites/host-tools.js"
import { life } from "./suites/life.js"
import { limits } from "./suites/limits.js"
import { segmentation } from "./suites/segmentation.js"
import { sessions } from "./suites/sessions.js"
import { stream } from "./suites/stream.js"
import { unary } from "./suites/unary.js"
import { values } from "./suites/values.js"
import type { Target } from "./target.js"
import { makeWorld, type Suite } from "./world.js"

const suites: { readonly [name: string]: Suite } = {
  handshake,
  unary,
  stream,
  backpressure,
  cancel,
  errors,
  values,
  "host calls": hostCalls,
  "host tools": hostTools,
  sessions,
  limits,
  segmentation,
  life,
}

/** Runs every suite over a target; to be called in a test file. */
export function conformance(name: string, target: Target): void {
  describe(`conformance of ${name}`, () => {
    const world = makeWorld(target)
    for (const [part, suite] of Object.entries(suites)) {
      if (target.basic === true && suite.basic === undefined) continue
      if (target.suites?.includes(part) === false) continue
      describe(part, () => {
        suite.basic?.(world)
        if (target.basic !== true) suite.full?.(world)
      })
    }
    if (target.basic !== true && target.suites === undefined) sameTestsAsOthers()
  })
}

/** Every target is held to one and the same list, and to run all of it. */
function sameTestsAsOthers(): void {
  test("its tests are those of every other transport", async ({ task }) => {
    const names = task.suite === undefined ? [] : testsOf(task.suite)
    await expect(`${names.join("\n")}\n`).toMatchFileSnapshot(listFile)
  })
}

const listFile = fileURLToPath(new URL("../test/tests.txt", import.meta.url))

function testsOf(suite: RunnerTestSuite, path = ""): string[] {
  return suite.tasks.flatMap((task) => {
    const name = path === "" ? task.name : `${path} > ${task.name}`
    if (task.type === "suite") return testsOf(task, name)
    return task.mode === "run" || task.mode === "queued" ? [name] : [`${name} (${task.mode})`]
  })
}
