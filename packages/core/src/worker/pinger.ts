import type { HeartbeatPolicy, PingTarget } from "./heartbeat-policy.js"

/** A worker, as far as it can be pinged. */
export interface Pinged {
  readonly id: string
  readonly pool: string
  /** `null` for one that lives inside the host. */
  readonly pid: number | null
  readonly connection: { ping(): Promise<void> }
}

/** Asks one worker whether it is well, by the configured ping or by that of the protocol. */
export class Pinger {
  readonly #worker: Pinged
  readonly #configured: HeartbeatPolicy["ping"]
  /** The protocol's ping that is on its way: while one is, no other is sent. */
  #pong: Promise<void> | undefined

  constructor(worker: Pinged, configured: HeartbeatPolicy["ping"]) {
    this.#worker = worker
    this.#configured = configured
  }

  /** Resolves when the worker is well. Rejects when a configured ping does, or throws. */
  async ask(signal: AbortSignal): Promise<void> {
    if (this.#configured === undefined) return this.#ping()
    const { id: workerId, pool, pid } = this.#worker
    const target: PingTarget = { workerId, pool, pid, signal, ping: () => this.#ping() }
    await this.#configured(target)
  }

  /** The next ping is a new one, though another one may still be on its way. */
  renew(): void {
    this.#pong = undefined
  }

  #ping(): Promise<void> {
    if (this.#pong !== undefined) return this.#pong
    const pong = this.#worker.connection.ping().then(() => {
      if (this.#pong === pong) this.#pong = undefined
    })
    this.#pong = pong
    return pong
  }
}
