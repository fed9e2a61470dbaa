import type { LogLevel } from "../protocol/frame.js"

/** One line that a worker wrote, logged or printed. */
export interface LogRecord {
  readonly level: LogLevel
  readonly message: string
  readonly source: "stdout" | "stderr" | "log" | "snakepit"
  readonly workerId?: string
  readonly pool?: string
  readonly logger?: string
  /** The tool that ran when the line was written, when exactly one did. */
  readonly tool?: string
}

/**
 * How a pool is. `starting`: not all workers were up yet; `degraded`: some are missing; `failed`: none is up, and they
 * keep failing to start. It goes on trying, and recovers by itself.
 */
export type PoolState = "starting" | "ready" | "degraded" | "failed" | "draining" | "closed"

export type BreakerState = "closed" | "open" | "half_open"

interface WorkerMetadata {
  readonly workerId: string
  readonly pool: string
  readonly pid: number | null
}

interface Event<Measurements, Metadata> {
  readonly measurements: Measurements
  readonly metadata: Metadata
}

/** Every event there is, with what it measures and what it is about. Durations are milliseconds unless named otherwise. */
export interface EventMap {
  /** A worker is ready for calls. */
  "snakepit.worker.initialized": Event<
    { readonly initializationTimeMs: number },
    WorkerMetadata & { readonly transport: string }
  >
  /** A worker process ended, wanted or not. */
  "snakepit.worker.terminated": Event<
    { readonly uptimeMs: number; readonly requests: number },
    WorkerMetadata & {
      readonly expected: boolean
      readonly exitCode: number | null
      readonly signal: string | null
    }
  >
  /** A replacement could not be started; it will be tried again. */
  "snakepit.worker.start_failed": Event<
    Record<never, never>,
    { readonly pool: string; readonly workerId: string; readonly error: string }
  >
  /** A worker was replaced though it had not ended: it is due, it hangs, or it is not to be trusted. */
  "snakepit.worker.recycled": Event<
    { readonly uptimeMs: number; readonly requests: number },
    WorkerMetadata & { readonly reason: "ttl" | "requests" | "memory" | "stuck" | "tainted" }
  >
  /** A worker did not answer a ping in time. */
  "snakepit.worker.health_check_failed": Event<
    { readonly missed: number },
    WorkerMetadata & { readonly action: "none" | "killed"; readonly reason: string }
  >
  /** A tool raised an error after which its worker is not to be trusted. */
  "snakepit.worker.tainted": Event<Record<never, never>, WorkerMetadata & { readonly type: string }>
  /** The calls of a session have crashed too many workers. */
  "snakepit.session.tainted": Event<
    { readonly crashes: number },
    { readonly session: string; readonly pool: string }
  >
  /** A pool got better or worse. */
  "snakepit.pool.state": Event<
    Record<never, never>,
    { readonly pool: string; readonly from: PoolState; readonly to: PoolState; readonly reason: string }
  >
  /** The circuit breaker of a pool opened, tries, or closed. */
  "snakepit.pool.breaker": Event<
    Record<never, never>,
    { readonly pool: string; readonly state: BreakerState }
  >
  /** An idempotent call is going to be made again. */
  "snakepit.call.retried": Event<
    { readonly attempt: number; readonly delayMs: number },
    { readonly pool: string; readonly tool: string; readonly workerId: string }
  >
  /** Workers are launched one by one, because the fork server cannot be used. */
  "snakepit.launch.fallback": Event<Record<never, never>, { readonly pool: string; readonly reason: string }>
  /** A worker did not take the best transport of the list. */
  "snakepit.transport.fallback": Event<
    Record<never, never>,
    WorkerMetadata & {
      readonly transport: string
      readonly skipped: readonly { transport: string; reason: string }[]
    }
  >
  /** A call that had not started went back to the queue, because its worker died or was busy. */
  "snakepit.call.requeued": Event<
    { readonly requeues: number },
    {
      readonly pool: string
      readonly tool: string
      readonly workerId: string
      readonly reason: "crash" | "recall"
    }
  >
  /** A call ended. */
  "snakepit.request.executed": Event<
    { readonly durationUs: number },
    {
      readonly pool: string
      readonly workerId: string | null
      readonly command: string
      readonly success: boolean
    }
  >
  /** A call was refused because the queue is full. */
  "snakepit.pool.saturated": Event<
    { readonly queueSize: number; readonly maxQueueSize: number },
    { readonly pool: string; readonly availableWorkers: number; readonly busyWorkers: number }
  >
  /** A call waited too long for a worker. */
  "snakepit.queue.timeout": Event<
    { readonly waitedMs: number },
    { readonly pool: string; readonly tool: string }
  >
  /** A session was used for the first time. */
  "snakepit.session.created": Event<{ readonly ttlMs: number }, { readonly session: string }>
  /** A session was closed, or has expired. */
  "snakepit.session.ended": Event<
    { readonly ageMs: number },
    { readonly session: string; readonly reason: "closed" | "expired" }
  >
  /** The worker of a strict session is gone, and what it kept for the session with it. */
  "snakepit.session.lost": Event<
    Record<never, never>,
    { readonly session: string; readonly pool: string; readonly workerId: string }
  >
  /** Telemetry sent by a worker. */
  "snakepit.worker.event": Event<
    { readonly [key: string]: number },
    {
      readonly workerId: string
      readonly pool: string
      readonly name: string
      readonly metadata: { readonly [key: string]: unknown }
    }
  >
  /** A line written by a worker, or by Snakepit itself. */
  "snakepit.log": Event<Record<never, never>, LogRecord>
}

export type EventName = keyof EventMap
