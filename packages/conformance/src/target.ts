import type { Adapter, PoolConfig } from "@snakepit/core"
import type { Transport } from "@snakepit/core/transport"

/** What the suites run over. */
export interface Target {
  /** A fresh transport, the one that is under test. */
  transport(): Transport
  /** Launches a worker that serves the conformance tools; without `basic` all of them. */
  readonly adapter: Adapter
  /** Where the worker's transport runs; absent: on its own channel. */
  readonly address?: RegExp
  /** Run only what the smallest worker must be able to do: no `cancel`, no `host-call`, no `attachments`. */
  readonly basic?: boolean
  /** What its pools are like, beside their size. */
  readonly pool?: PoolConfig
  /** The suites to run, by name. Default: all of them. */
  readonly suites?: readonly string[]
}
