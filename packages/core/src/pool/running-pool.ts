import type { Effect } from "effect"
import type { Adapter, WorkerProfile } from "../adapter/adapter.js"
import type { StartFailed } from "../errors/errors.js"
import type { ProcessRegistry } from "../process/registry/registry.js"
import type { LogLevel } from "../protocol/frame.js"
import type { Limits } from "../protocol/limits.js"
import type { Emitter } from "../telemetry/emitter.js"
import type { Transport } from "../transport/transport.js"
import type { HostCall } from "./calls/nesting.js"
import type { Pool } from "./pool.js"
import type { Policies } from "./supervisor/policies.js"

export interface RunPoolOptions extends Policies {
  readonly name: string
  readonly size: number
  readonly profile: WorkerProfile
  readonly threads: number
  readonly adapter: Adapter
  readonly transports: readonly Transport[]
  readonly maxQueue: number
  readonly startTimeoutMs: number
  readonly startConcurrency: number
  readonly cancelGraceMs: number
  readonly limits: Limits
  readonly logLevel: LogLevel
  readonly runId: string
  readonly registry: ProcessRegistry
  readonly emitter: Emitter
  readonly waitFor: "all" | "first"
  onHostCall(host: HostCall): void
  onSessionLost(session: string, workerId: string): boolean
}

/** A pool with its workers up, and kept up until `close`. */
export interface RunningPool {
  readonly pool: Pool
  readonly options: RunPoolOptions
  /** Ids of workers that are being started. */
  readonly starting: ReadonlySet<string>
  /** Every worker was up once. Fails as soon as one cannot start, unless that is tried again: `waitFor: "first"`. */
  readonly ready: Effect.Effect<void, StartFailed>
  /** Lets accepted calls end, at most `graceMs`; then everything ends. Called again, the shortest time counts. */
  close(graceMs: number): Promise<void>
}
