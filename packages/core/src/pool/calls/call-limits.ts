import { Alarms } from "./alarms.js"
import type { PendingCall } from "./pending-call.js"

/** What becomes of calls whose time is over. */
export interface LimitsOwner {
  /** Its timeout has passed. */
  timedOut(call: PendingCall): void
  /** It has waited for a worker for too long, and no worker has it. */
  queueTimedOut(call: PendingCall): void
}

/** Watches the limits of open calls. */
export class CallLimits {
  readonly #owner: LimitsOwner
  readonly #alarms = new Alarms<PendingCall>((call, now) => this.check(call, now))

  constructor(owner: LimitsOwner) {
    this.#owner = owner
  }

  /** To be called again when its limits have changed. */
  watch(call: PendingCall): void {
    this.forget(call)
    call.alarm = this.#alarms.set(call, call.nextLimit)
  }

  forget(call: PendingCall): void {
    if (call.alarm !== undefined) this.#alarms.delete(call.alarm)
    call.alarm = undefined
  }

  check(call: PendingCall, now: number): void {
    if (call.settled) return
    if (now >= call.deadline) return this.#owner.timedOut(call)
    if (now >= call.queueDeadline && !call.started) {
      if (call.wire === undefined) return this.#owner.queueTimedOut(call)
      // Only the worker knows whether it starts in this very moment, so it is asked.
      call.expiring = true
      call.worker?.recall(call.wire)
    }
    this.watch(call)
  }
}
