import type { StartFailed } from "../../errors/errors.js"
import type { OutputLine } from "../../process/launched.js"
import type { Emitter } from "../../telemetry/emitter.js"
import type { Worker, WorkerEnd } from "../../worker/worker.js"
import type { RecycleReason } from "./recycle.js"

/** Tells how workers come and go. */
export class WorkerNotices {
  readonly #emitter: Emitter

  constructor(emitter: Emitter) {
    this.#emitter = emitter
  }

  initialized(worker: Worker, initializationTimeMs: number): void {
    const { transport } = worker.hello
    this.#emitter.emit(
      "snakepit.worker.initialized",
      { initializationTimeMs },
      { ...originOf(worker), transport },
    )
  }

  startFailed(pool: string, { workerId, message }: StartFailed): void {
    this.#emitter.emit("snakepit.worker.start_failed", {}, { pool, workerId, error: message })
  }

  /** Workers are launched one by one from now on. */
  launchFallback(pool: string, reason: string): void {
    this.#emitter.emit("snakepit.launch.fallback", {}, { pool, reason })
    const message = `pool "${pool}" launches its workers one by one, for want of a fork server: ${reason}`
    this.warn(pool, message)
  }

  warn(pool: string, message: string): void {
    this.#emitter.emit("snakepit.log", {}, { level: "warn", source: "snakepit", message, pool })
  }

  forkServerSaid(pool: string, { stream, text }: OutputLine): void {
    const level = stream === "stdout" ? "info" : "warn"
    this.#emitter.emit("snakepit.log", {}, { level, source: stream, message: `fork server: ${text}`, pool })
  }

  stays(worker: Worker, reason: RecycleReason, error: StartFailed): void {
    const { id: workerId, pool } = worker
    const message = `worker ${workerId} is due (${reason}), but stays, for another one could not start: ${error.message}`
    this.#emitter.emit("snakepit.log", {}, { level: "warn", source: "snakepit", message, workerId, pool })
  }

  recycled(worker: Worker, reason: RecycleReason): void {
    this.#emitter.emit("snakepit.worker.recycled", useOf(worker), { ...originOf(worker), reason })
  }

  terminated(worker: Worker, { expected, exit }: WorkerEnd): void {
    this.#emitter.emit("snakepit.worker.terminated", useOf(worker), {
      ...originOf(worker),
      expected,
      exitCode: exit?.code ?? null,
      signal: exit?.signal ?? null,
    })
  }
}

const originOf = ({ id: workerId, pool, pid }: Worker) => ({ workerId, pool, pid })

const useOf = ({ startedAt, requests }: Worker) => ({ uptimeMs: performance.now() - startedAt, requests })
