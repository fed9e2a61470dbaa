import { describe } from "vitest"
import { backpressure } from "./suites/backpressure.js"
import { cancel } from "./suites/cancel.js"
import { errors } from "./suites/errors.js"
import { handshake } from "./suites/handshake.js"
import { hostCalls } from "./suites/host-calls.js"
import { life } from "./suites/life.js"
import { limits } from "./suites/limits.js"
import { segmentation } from "./suites/segmentation.js"
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
      describe(part, () => {
        suite.basic?.(world)
        if (target.basic !== true) suite.full?.(world)
      })
    }
  })
}
