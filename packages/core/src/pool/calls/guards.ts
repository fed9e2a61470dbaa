import type { CallError } from "../../errors/errors.js"
import type { Emitter } from "../../telemetry/emitter.js"
import type { BreakerState } from "../../telemetry/events.js"
import type { Worker } from "../../worker/worker.js"
import { Breaker } from "../supervisor/breaker.js"
import type { BreakerPolicy, CrashBarrierPolicy } from "../supervisor/policies.js"
import { SessionCrashes } from "../supervisor/session-crashes.js"
import * as failures from "./failures.js"
import type { CallMaker, PendingCall, Submission } from "./pending-call.js"

export interface GuardsOptions {
  readonly name: string
  readonly emitter: Emitter
  readonly breaker?: BreakerPolicy | undefined
  readonly crashBarrier?: CrashBarrierPolicy | undefined
}

/** Whether a call is needed by what was accepted before it: it is never refused, and tells nothing of new calls. */
export function isPartOfAnother(
  madeBy: CallMaker | undefined,
  { rebuilds }: Pick<Submission, "rebuilds">,
): boolean {
  return madeBy !== undefined || rebuilds === true
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

  /** Why no call is accepted now, if so, unless it is part of one that was accepted before. */
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
    if (!isPartOfAnother(call.madeBy, call.submission)) this.#breaker?.accepted(call)
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

  /**
   * A worker has crashed.
   *
   * @param failed calls that fail by that.
   * @param running those that it may have been running, also when nobody waits for them any more.
   * @returns the session that is refused from now on, if any.
   */
  crashed(failed: readonly PendingCall[], running: readonly PendingCall[]): string | undefined {
    if (failed.length === 0) return undefined
    const now = performance.now()
    this.#breaker?.failed(now)
    if (!failed.some((call) => running.includes(call))) return undefined
    const sessions = new Set(running.map(({ session }) => session))
    // Of several nobody knows which one it was, and whoever is innocent must not be refused.
    const [session] = sessions.size === 1 ? sessions : []
    return session !== undefined && this.#sessionCrashed(session, now) ? session : undefined
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
