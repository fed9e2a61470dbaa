import type { EventFrame } from "../protocol/frame.js"
import type { Emitter } from "../telemetry/emitter.js"
import type { LogRecord } from "../telemetry/events.js"
import type { Worker } from "../worker/worker.js"
import type { PendingCall } from "./calls/pending-call.js"

/** What a pool tells of its calls and workers. */
export class PoolEvents {
  readonly #pool: string
  readonly #emitter: Emitter

  constructor(pool: string, emitter: Emitter) {
    this.#pool = pool
    this.#emitter = emitter
  }

  executed(call: PendingCall, success: boolean): void {
    // Most programs do not listen, and there may be a hundred thousand of these a second.
    if (!this.#emitter.wants("snakepit.request.executed")) return
    const durationUs = Math.round((performance.now() - call.acceptedAt) * 1000)
    const workerId = call.worker?.id ?? null
    const about = { pool: this.#pool, workerId, command: call.tool, success }
    this.#emitter.emit("snakepit.request.executed", { durationUs }, about)
  }

  requeued(call: PendingCall, worker: Worker, reason: "crash" | "recall"): void {
    const about = { pool: this.#pool, tool: call.tool, workerId: worker.id, reason }
    this.#emitter.emit("snakepit.call.requeued", { requeues: call.requeues }, about)
  }

  retried(call: PendingCall, workerId: string, delayMs: number): void {
    const about = { pool: this.#pool, tool: call.tool, workerId }
    this.#emitter.emit("snakepit.call.retried", { attempt: call.attempts + 1, delayMs }, about)
  }

  queueTimedOut(call: PendingCall, waitedMs: number): void {
    this.#emitter.emit("snakepit.queue.timeout", { waitedMs }, { pool: this.#pool, tool: call.tool })
  }

  saturated(queueSize: number, maxQueueSize: number, workers: number, idle: number): void {
    const load = { pool: this.#pool, availableWorkers: idle, busyWorkers: workers - idle }
    this.#emitter.emit("snakepit.pool.saturated", { queueSize, maxQueueSize }, load)
  }

  log(record: LogRecord): void {
    this.#emitter.emit("snakepit.log", {}, record)
  }

  ofWorker(worker: Worker, { name, measurements, metadata }: EventFrame): void {
    const origin = { workerId: worker.id, pool: this.#pool, name, metadata }
    this.#emitter.emit("snakepit.worker.event", measurements, origin)
  }
}
