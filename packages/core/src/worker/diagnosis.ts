import type { HeartbeatPolicy } from "./heartbeat-policy.js"

/** What is known of a worker at the moment of a miss. */
export interface Symptoms {
  /** Misses in a row, this one included. */
  readonly missed: number
  readonly policy: HeartbeatPolicy
  /** It runs a call. */
  readonly busy: boolean
  /** One of its calls was told to stop, and did not. */
  readonly stuck: boolean
  /** It is a process of its own, which can be killed. */
  readonly isProcess: boolean
  /** State letter of its process, where the system tells; `T` and `t` are stopped. */
  readonly processState: string | undefined
  /** Milliseconds the host itself was blocked or asleep since the first of these misses was asked. */
  readonly hostLagMs: number
  /** What a configured ping rejected with. */
  readonly complaint: string | undefined
}

export interface Diagnosis {
  /** `probe`: it would be dead, but is asked once more. */
  readonly action: "none" | "probe" | "kill"
  /** For people, after the worker's name: `did not answer 3 heartbeats`. */
  readonly reason: string
}

/**
 * Whether a worker that missed a heartbeat is dead. One that runs a call may well hold the interpreter's lock, so
 * only a stopped process condemns it; or that the lock is held by a call that was told to stop, so that its other calls
 * would wait for nothing.
 */
export function diagnose(symptoms: Symptoms): Diagnosis {
  const { missed, policy, busy, stuck, isProcess, hostLagMs } = symptoms
  const silence = `did not answer ${missed} ${missed === 1 ? "heartbeat" : "heartbeats"}`
  const stopped = symptoms.processState === "T" || symptoms.processState === "t"
  const detail = stopped ? "its process is stopped" : doingOf(symptoms)
  const reason = detail === undefined ? silence : `${silence}: ${detail}`
  if (!policy.dependent || !isProcess) return { action: "none", reason }
  if (stopped) return { action: "kill", reason }
  if ((busy && !stuck) || missed < policy.maxMissed) return { action: "none", reason }
  // What slept with the host deserves one question after waking; a second miss then decides.
  if (missed === policy.maxMissed && hostLagMs >= policy.intervalMs) return { action: "probe", reason }
  return { action: "kill", reason }
}

function doingOf({ stuck, busy, complaint }: Symptoms): string | undefined {
  if (stuck) return "a call does not stop"
  return busy ? "it runs a call" : complaint
}
