import type { Scenario } from "../scenario.js"
import { bytes } from "./bytes.js"
import { crowd } from "./crowd.js"
import { latency } from "./latency.js"
import { startup } from "./startup.js"
import { stream } from "./stream.js"
import { throughput } from "./throughput.js"

/** Every scenario, in the order they run. */
export const scenarios: readonly Scenario[] = [
  latency,
  throughput,
  stream,
  ...bytes,
  startup(1),
  startup(4),
  startup(16),
  crowd(100),
  crowd(250),
]

/** What `--quick` leaves out. */
export const slowScenarios: readonly string[] = [
  "bytes-32kb",
  "bytes-100mb",
  "startup-4",
  "startup-16",
  "crowd-100",
  "crowd-250",
]
