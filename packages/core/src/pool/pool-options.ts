import type { Emitter } from "../telemetry/emitter.js"
import type { Worker } from "../worker/worker.js"
import type { HostCall } from "./calls/nesting.js"
import type { Vitals } from "./stats.js"
import type { BreakerPolicy, CrashBarrierPolicy, RetryPolicy } from "./supervisor/policies.js"
import type { SpoiledReason } from "./supervisor/recycle.js"

/** Who keeps the workers of a pool up. */
export interface Keeper {
  vitals(): Vitals
  /** Called after each answer. */
  onAnswered(worker: Worker): void
  /** A session has ended; its workers need not keep anything for it. */
  onSessionEnded(): void
  /** The worker is to be replaced: a call in it cannot be stopped, or a tool has spoiled it. */
  onWornOut(worker: Worker, reason: SpoiledReason): void
}

export interface PoolOptions {
  readonly name: string
  readonly maxQueue: number
  readonly maxInFlight: number
  /** Default: no call is refused because others failed. */
  readonly breaker?: BreakerPolicy | undefined
  /** Default: no call is made again. */
  readonly retry?: RetryPolicy | undefined
  /** Default: calls that crash workers, or spoil them, are welcome. */
  readonly crashBarrier?: CrashBarrierPolicy | undefined
  readonly emitter: Emitter
  readonly keeper?: Keeper
  onHostCall(host: HostCall): void
  /** A strict session has lost its worker. @returns whether it is being rebuilt: its calls wait for that. */
  onSessionLost(session: string, workerId: string): boolean
  /** Why the last worker could not start; for messages. */
  lastStartError(): string | undefined
}
