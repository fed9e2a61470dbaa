import type { Emitter } from "../../telemetry/emitter.js"
import type { Worker } from "../../worker/worker.js"

/** Different reasons that are logged; they come from outside. */
const maxReasons = 20

/** Tells that workers did not take the best transport: an event for each worker, a log line for each new reason. */
export class FallbackNotice {
  readonly #emitter: Emitter
  readonly #logged = new Set<string>()

  constructor(emitter: Emitter) {
    this.#emitter = emitter
  }

  tell({ id: workerId, pool, pid, hello: { transport, skipped } }: Worker): void {
    if (skipped.length === 0) return
    this.#emitter.emit("snakepit.transport.fallback", {}, { workerId, pool, pid, transport, skipped })
    const reasons = skipped.map((skip) => `\n  ${skip.transport}: ${skip.reason}`).join("")
    const message = `pool "${pool}" runs over ${transport}, because a better transport cannot be used:${reasons}`
    if (this.#logged.has(message) || this.#logged.size >= maxReasons) return
    this.#logged.add(message)
    this.#emitter.emit("snakepit.log", {}, { level: "warn", source: "snakepit", message, workerId, pool })
  }
}
