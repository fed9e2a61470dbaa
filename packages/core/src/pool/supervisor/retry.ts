import { type CallError, ToolError, WorkerCrashed } from "../../errors/errors.js"
import { backoffDelay } from "./backoff.js"
import type { RetryPolicy } from "./policies.js"

/** A call that has failed, as far as it matters for making it again. */
export interface FailedCall {
  /** It may be made again, says whoever made it. */
  readonly idempotent: boolean
  /** Attempts that have failed, with this one. */
  readonly attempts: number
  /** Its caller has got a chunk, which cannot be taken back. */
  readonly delivered: boolean
  readonly deadline: number
}

/**
 * How long to wait before a call is made again, in milliseconds.
 * @returns `undefined` when it must not be: it might do harm, or there is no more time for it.
 */
export function retryDelay(
  policy: RetryPolicy,
  call: FailedCall,
  error: CallError,
  now: number,
  random: number,
): number | undefined {
  if (!call.idempotent || call.delivered || call.attempts >= policy.attempts) return undefined
  if (!mayHelp(error)) return undefined
  const delayMs = backoffDelay(policy, call.attempts - 1, random)
  return now + delayMs < call.deadline ? delayMs : undefined
}

/** A call whose mere arrival has ended several workers is better left alone. */
function mayHelp(error: CallError): boolean {
  return (error instanceof WorkerCrashed && error.started) || (error instanceof ToolError && error.retryable)
}
