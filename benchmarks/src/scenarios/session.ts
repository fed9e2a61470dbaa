import { snakepitSession } from "../contestants/index.js"
import { snakepitJson } from "../contestants/snakepit.js"
import type { Scenario } from "../scenario.js"
import { throughput } from "./throughput.js"

/** What it costs a call to belong to a session. */
export const session: Scenario = {
  ...throughput,
  name: "session",
  title: "tiny call in a session and without one, 64 in flight, 1 worker",
  contestants: [snakepitJson, snakepitSession],
}
