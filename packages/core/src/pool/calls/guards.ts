import type { CallError } from "../../errors/errors.js"
import type { Emitter } from "../../telemetry/emitter.js"
import type { BreakerState } from "../../telemetry/events.js"
import type { Worker } from "../../worker/worker.js"
import { Breaker } from "../supervisor/breaker.js"
import type { BreakerPolicy, CrashBarrierPolicy } from "../supervisor/policies.js"
import { SessionCrashes } from "../supervisor/session-crashes.js"
import * as failures from "./failures.js"
import type { PendingCall } from "./pending-call.js"

export interface GuardsOptions {
  readonly name: string
  readonly emitter: Emitter
  readonly breaker?: BreakerPolicy | undefined
  readonly crashBarrier?: CrashBarrierPolicy | undefined
}

/** Refuses calls that would do harm: all while the workers keep failing, and those of a session that crashes them. */
export class Guards {
  readonly #pool: string
  readonly #emitter: Emitter
  readonly #breaker: Breaker | undefined
  readonly #crashes: SessionCrashes | undefined
  /** Types of tool errors after which a worker is not to be trusted, as workers name them: without their modules. */
  readonly #taintOn: ReadonlySet<string>
  readonly #tainted = new WeakSet<Worker>()

  constructor({ name: pool, emitter, breaker, crashBarrier }: GuardsOptions) {
    this.#pool = pool
    this.#emitter = emitter
    const onState = (state: BreakerState): void => emitter.emit("snakepit.pool.breaker", {}, { pool, state })
    this.#breaker = breaker && new Breaker(breaker, onState)
    this.#crashes = crashBarrier && new SessionCrashes(crashBarrier)
    this.#taintOn = new Set(
      [...(crashBarrier?.taintOn ?? [])].flatMap((type) => [type, type.slice(type.lastIndexOf(".") + 1)]),
    )
  }

  /** `null`: there is no breaker. */
  get breakerState(): BreakerState | null {
    return this.#breaker?.state ?? null
  }

  /** Why no call is accepted now, if so. */
  refusal(): CallError | undefined {
    const retryAfterMs = this.#breaker?.refusal(performance.now())
    return retryAfterMs === undefined ? undefined : failures.circuitOpen(this.#pool, retryAfterMs)
  }

  /** Why no call of the session is accepted now, if so. */
  sessionRefusal(tool: string, session: string | undefined): CallError | undefined {
    const crashes = session === undefined ? undefined : this.#crashes?.crashesOf(session)
    if (session === undefined || crashes === undefined) return undefined
    return failures.sessionTainted(tool, session, crashes)
  }

  accepted(call: PendingCall): void {
    this.#breaker?.accepted(call)
  }

  /** A worker has answered it, be it with an error. */
  answered(call: PendingCall): void {
    this.#breaker?.answered(call)
  }

  ended(call: PendingCall): void {
    this.#breaker?.ended(call)
  }

  startFailed(): void {
    this.#breaker?.failed(performance.now())
  }

  /** A worker has crashed while it ran these calls. @returns sessions that are refused from now on. */
  crashed(calls: readonly PendingCall[]): string[] {
    if (calls.length === 0) return []
    const now = performance.now()
    this.#breaker?.failed(now)
    const sessions = new Set(calls.flatMap(({ session }) => (session === undefined ? [] : [session])))
    return [...sessions].filter((session) => this.#sessionCrashed(session, now))
  }

  forgetSession(session: string): void {
    this.#crashes?.forget(session)
  }

  /** A tool of the worker has raised an error. @returns whether the worker is no good any more, once. */
  taints(worker: Worker, type: string): boolean {
    if (!this.#taintOn.has(type) || this.#tainted.has(worker)) return false
    this.#tainted.add(worker)
    const { id: workerId, pool, pid } = worker
    this.#emitter.emit("snakepit.worker.tainted", {}, { workerId, pool, pid, type })
    return true
  }

  #sessionCrashed(session: string, now: number): boolean {
    if (this.#crashes?.add(session, now) !== true) return false
    const crashes = this.#crashes.crashesOf(session) ?? 0
    this.#emitter.emit("snakepit.session.tainted", { crashes }, { session, pool: this.#pool })
    return true
  }
}
