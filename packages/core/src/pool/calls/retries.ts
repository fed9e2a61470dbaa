import type { CallError } from "../../errors/errors.js"
import { startTimer } from "../../process/timer.js"
import type { RetryPolicy } from "../supervisor/policies.js"
import { retryDelay } from "../supervisor/retry.js"
import type { PendingCall } from "./pending-call.js"

export interface RetriesOptions {
  readonly policy: RetryPolicy | undefined
  /** It is made again after a while. */
  onRetry(call: PendingCall, workerId: string, delayMs: number): void
  /** Its time has come. */
  onDue(call: PendingCall): void
  readonly random?: () => number
}

/** Idempotent calls that have failed and wait to be made again. */
export class Retries {
  readonly #options: RetriesOptions
  readonly #waiting = new Map<PendingCall, NodeJS.Timeout | undefined>()
  #closed = false

  constructor(options: RetriesOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#waiting.size
  }

  /** @returns whether the call will be made again; else it has failed for good. */
  take(call: PendingCall, error: CallError): boolean {
    const { policy, random = Math.random, onRetry, onDue } = this.#options
    if (policy === undefined || this.#closed) return false
    const now = performance.now()
    const attempts = call.attempts + 1
    const { idempotent, delivered, deadline } = call
    const delayMs = retryDelay(policy, { idempotent, delivered, deadline, attempts }, error, now, random())
    if (delayMs === undefined) return false
    const workerId = call.worker?.id ?? ""
    call.startOver(error, now + delayMs)
    const timer = startTimer(delayMs, () => {
      this.#waiting.delete(call)
      onDue(call)
    })
    this.#waiting.set(call, timer?.unref())
    onRetry(call, workerId, delayMs)
    return true
  }

  /** The call has ended. */
  forget(call: PendingCall): void {
    if (this.#waiting.size === 0) return
    clearTimeout(this.#waiting.get(call))
    this.#waiting.delete(call)
  }

  /** No call is made again from now on. @returns those that were waiting for it. */
  close(): PendingCall[] {
    this.#closed = true
    return [...this.#waiting.keys()]
  }
}
