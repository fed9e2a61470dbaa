import type { Comparison } from "./comparison.js"
import type { MachineFacts, Versions } from "./machine.js"
import type { Pace, ScenarioResult } from "./runner.js"

/** Everything that a run found out, as `--out` writes it. */
export interface Results {
  /** When the run began, in ISO 8601. */
  readonly date: string
  readonly machine: MachineFacts
  readonly versions: Versions
  readonly quick: boolean
  readonly pace: Pace
  /** Why contestants are missing, a line for each. */
  readonly absent: readonly string[]
  readonly scenarios: readonly ScenarioResult[]
  readonly comparisons: readonly Comparison[]
}
