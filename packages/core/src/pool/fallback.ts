import type { Emitter } from "../telemetry/emitter.js"
import type { Worker } from "../worker/worker.js"

/** Tells that workers did not take the best transport: an event for each worker, a log line for each new reason. */
export class FallbackNotice {
  readonly #emitter: Emitter
  #logged = ""

  constructor(emitter: Emitter) {
    this.#emitter = emitter
  }

  tell({ id: workerId, pool, pid, hello: { transport, skipped } }: Worker): void {
    if (skipped.length === 0) return
    this.#emitter.emit("snakepit.transport.fallback", {}, { workerId, pool, pid, transport, skipped })
    const reasons = skipped.map((skip) => `\n  ${skip.transport}: ${skip.reason}`).join("")
    const message = `pool "${pool}" runs over ${transport}, because a better transport cannot be used:${reasons}`
    if (message === this.#logged) return
    this.#logged = message
    this.#emitter.emit("snakepit.log", {}, { level: "warn", source: "snakepit", message, workerId, pool })
  }
}
