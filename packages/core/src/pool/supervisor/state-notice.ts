import type { Emitter } from "../../telemetry/emitter.js"
import type { PoolState } from "../../telemetry/events.js"
import type { Verdict } from "./pool-state.js"

/** Tells when the state of a pool changes, and warns when it gets worse. */
export class StateNotice {
  readonly #pool: string
  readonly #emitter: Emitter
  #state: PoolState = "starting"

  constructor(pool: string, emitter: Emitter) {
    this.#pool = pool
    this.#emitter = emitter
  }

  get state(): PoolState {
    return this.#state
  }

  update({ state: to, reason }: Verdict): void {
    const from = this.#state
    if (from === to) return
    this.#state = to
    this.#emitter.emit("snakepit.pool.state", {}, { pool: this.#pool, from, to, reason })
    if (isBad(to)) this.#log("warn", `pool "${this.#pool}" is ${to}: ${reason}`)
    else if (isBad(from) && to === "ready") this.#log("info", `pool "${this.#pool}" is ready again`)
  }

  #log(level: "warn" | "info", message: string): void {
    this.#emitter.emit("snakepit.log", {}, { level, source: "snakepit", message, pool: this.#pool })
  }
}

function isBad(state: PoolState): boolean {
  return state === "degraded" || state === "failed"
}
