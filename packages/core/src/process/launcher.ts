import type { LaunchPlan } from "../adapter/adapter.js"
import type { LaunchIo } from "./launch.js"
import type { LaunchedWorker } from "./launched.js"

/** Starts the workers of one pool, and keeps whatever they share. */
export interface Launcher {
  /** As `launch` does. @throws {StillLoading} when the launch was given up before what the workers share was there. */
  launch(plan: LaunchPlan, io: LaunchIo): Promise<LaunchedWorker>
  /** Ends what the workers shared; they themselves live on. Safe to repeat. */
  close(): Promise<void>
}
