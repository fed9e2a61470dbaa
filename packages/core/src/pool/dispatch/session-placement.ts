import type { Tally } from "../../collections/linked-list.js"
import type { Worker } from "../../worker/worker.js"
import type { PendingCall } from "../calls/pending-call.js"
import { type Binding, Bindings } from "./bindings.js"
import type { CallQueue } from "./call-queue.js"
import { HeldCalls } from "./held-calls.js"
import { SessionReleases, type SessionReleasesOptions } from "./session-releases.js"

/** Sessions looked at for one decision, of those whose id is not free yet. */
const maxLooks = 8

/** What was tied to a worker that is gone, or is going. */
export interface LostSessions {
  /** Strict sessions that have lost it. */
  readonly lost: Binding<Worker>[]
  /** Calls that waited for it alone. */
  readonly held: PendingCall[]
}

/** What sessions ask for: whose worker is whose, and the calls that wait for one worker or for their session. */
export class SessionPlacement {
  readonly #bindings = new Bindings<Worker>()
  readonly #releases: SessionReleases
  /** Calls of strict sessions that wait for their worker, and for their session to be rebuilt. */
  readonly #held: HeldCalls<Worker>
  readonly #rebuilt: HeldCalls<string>
  /** Calls of sessions of which every worker with room still has to let go of an older one of the same id. */
  readonly #unreleased: HeldCalls<string>

  /** @param tally counts the calls that wait here. */
  constructor(releases: SessionReleasesOptions, tally: Tally) {
    this.#releases = new SessionReleases(releases)
    this.#held = new HeldCalls(tally)
    this.#rebuilt = new HeldCalls(tally)
    this.#unreleased = new HeldCalls(tally)
  }

  /** The worker that has what the call's session keeps. */
  homeOf(call: PendingCall): Worker | undefined {
    return this.#bindingOf(call)?.worker
  }

  /** A strict session has lost its worker, and this call is not what rebuilds it. */
  isLost(call: PendingCall): boolean {
    return this.#bindingOf(call)?.lost !== undefined && !call.rebuilds
  }

  /** The worker whose loss keeps this call from being made: nobody rebuilds what its session had there. */
  lostFor(call: PendingCall): string | undefined {
    const { lost, rebuilding } = this.#bindingOf(call) ?? {}
    if (lost === undefined || call.rebuilds) return undefined
    return rebuilding === true && !call.failsFast ? undefined : lost.id
  }

  /** The worker has let go of all that ended sessions of this call's id had there. */
  mayServe(worker: Worker, { session }: PendingCall): boolean {
    return session === undefined || !this.#releases.holds(worker, session)
  }

  /** Runs a call of somebody; letting go of a session is none. */
  isBusy(worker: Worker): boolean {
    return worker.load - this.#releases.inFlight(worker) >= worker.concurrency
  }

  /** Calls that wait for this worker alone. */
  heldFor(worker: Worker): CallQueue | undefined {
    return this.#held.waitingFor(worker)
  }

  /** Lets a call wait for its worker. */
  hold(worker: Worker, call: PendingCall): true {
    this.#held.add(worker, call)
    return true
  }

  /** Lets a call wait until its session is rebuilt. @returns whether it may. */
  awaitRebuild(call: PendingCall): boolean {
    const { session } = call
    if (call.settled || session === undefined || call.rebuilds || call.failsFast) return false
    if (this.#bindings.get(session)?.rebuilding !== true) return false
    call.worker = undefined
    call.wire = undefined
    this.#rebuilt.add(session, call)
    return true
  }

  /** Others go ahead of a call that waits for its session's id. @returns whether it has to. */
  awaitRelease(call: PendingCall): boolean {
    const { session } = call
    if (session === undefined || !this.#releases.pending(session)) return false
    this.#unreleased.add(session, call)
    return true
  }

  /** A call that has waited for its session's id, and need not for this worker, which could have it. */
  releasedFor(worker: Worker, couldHave: (call: PendingCall) => boolean): PendingCall | undefined {
    return this.#unreleased.nextOf((call) => this.mayServe(worker, call) && couldHave(call), maxLooks)
  }

  /** A worker is about to run a call. */
  bind({ session, strict }: PendingCall, worker: Worker): void {
    if (session !== undefined) this.#bindings.bind(session, worker, strict)
  }

  /** A strict session goes on after a loss. @returns what had waited for that; its worker, if it was rebuilt. */
  rebind(session: string): { readonly worker: Worker | undefined; readonly calls: PendingCall[] } {
    const binding = this.#bindings.get(session)
    if (binding === undefined) return { worker: undefined, calls: [] }
    binding.lost = undefined
    binding.rebuilding = false
    return { worker: binding.worker, calls: this.#rebuilt.take(session) }
  }

  /** A strict session stays lost. @returns what had waited for it, and the worker it has lost. */
  giveUp(session: string): { readonly lost: string; readonly waiting: PendingCall[] } {
    const binding = this.#bindings.get(session)
    if (binding !== undefined) binding.rebuilding = false
    return { lost: binding?.lost?.id ?? "", waiting: this.#rebuilt.take(session) }
  }

  /** Every worker that has served the session is told to release what it keeps for it. Its calls have ended before. */
  forgetSession(session: string): void {
    this.#rebuilt.take(session)
    this.#unreleased.take(session)
    for (const worker of this.#bindings.forgetSession(session)) this.#releases.add(worker, session)
  }

  /** Sessions that a worker may keep something for. */
  countOf(worker: Worker): number {
    return this.#bindings.count(worker)
  }

  /** Strict sessions that run on this worker and nowhere else. */
  countStrict(worker: Worker): number {
    return this.#bindings.countStrict(worker)
  }

  /** A worker may have got room to hear of ended sessions. */
  tell(worker: Worker): void {
    this.#releases.pump(worker)
  }

  /** No session has anything to do with the worker any more. */
  leave(worker: Worker): LostSessions {
    return { lost: this.#bindings.forgetWorker(worker), held: this.#held.take(worker) }
  }

  /** The worker is gone. */
  removeWorker(worker: Worker): LostSessions {
    this.#releases.forgetWorker(worker)
    return this.leave(worker)
  }

  #bindingOf({ session }: PendingCall): Binding<Worker> | undefined {
    return session === undefined ? undefined : this.#bindings.get(session)
  }
}
