import type { Comparison } from "./comparison.js"
import type { JudgedGoal } from "./judgement.js"
import type { MachineFacts, Versions } from "./machine.js"
import type { Pace, ScenarioResult } from "./runner.js"

/** What one has to know of a run to read its numbers. */
export interface RunFacts {
  /** When the run began, in ISO 8601. */
  readonly date: string
  readonly machine: MachineFacts
  readonly versions: Versions
  readonly quick: boolean
  readonly pace: Pace
  /** Why contestants are missing, a line for each. */
  readonly absent: readonly string[]
}

/** Everything that a run found out, as `--out` writes it. */
export interface Results extends RunFacts {
  readonly scenarios: readonly ScenarioResult[]
  readonly goals: readonly JudgedGoal[]
  readonly comparisons: readonly Comparison[]
}
