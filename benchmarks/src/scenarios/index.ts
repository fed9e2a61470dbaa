import type { Scenario } from "../scenario.js"
import { bytes, tensors } from "./bytes.js"
import { cores } from "./cores.js"
import { crowd } from "./crowd.js"
import { latency } from "./latency.js"
import { session } from "./session.js"
import { slowConsumer } from "./slow-consumer.js"
import { startup } from "./startup.js"
import { stream } from "./stream.js"
import { threadsScenario } from "./threads.js"
import { throughput } from "./throughput.js"

/** Every scenario, in the order they run. */
export const scenarios: readonly Scenario[] = [
  latency,
  throughput,
  session,
  stream,
  slowConsumer,
  ...bytes,
  ...tensors,
  cores,
  threadsScenario,
  startup(1),
  startup(4),
  startup(16),
  crowd(100, ["fork", "spawn"]),
  // To spawn so many takes longer than a round may.
  crowd(250, ["fork"]),
]

/** What `--quick` leaves out. */
export const slowScenarios: readonly string[] = [
  "bytes-32kb",
  "bytes-10mb",
  "bytes-100mb",
  "tensors-1mb",
  "tensors-100mb",
  "startup-4",
  "startup-16",
  "crowd-100",
  "crowd-250",
]
