import type { Launch, TransportName } from "./workers.js"

export interface StormOptions {
  readonly transport: TransportName
  readonly launch: Launch
  /** Calls that are open at a time. */
  readonly callers: number
  readonly calls: number
  readonly faults: number
  readonly seed: number
  /** Default 4. */
  readonly workers?: number
  /** Calls at a time in each worker. Default 1, which is another profile than several. */
  readonly threads?: number
}
