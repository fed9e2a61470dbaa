import * as errors from "../../errors/errors.js"
import type { WireError } from "../../protocol/frame.js"
import { maxNesting } from "../../protocol/limits.js"
import { InvalidValue } from "../../protocol/values.js"
import type { Worker, WorkerEnd } from "../../worker/worker.js"
import type { PendingCall } from "./pending-call.js"

export function cancelled(tool: string, reason: string): errors.CallCancelled {
  return new errors.CallCancelled({ message: `"${tool}" was cancelled: ${reason}`, tool })
}

export function nestedTooDeep(tool: string): errors.NestingTooDeep {
  const message = `"${tool}" was called from a callback that is already ${maxNesting} callbacks deep`
  return new errors.NestingTooDeep({ message, tool, limit: maxNesting })
}

export function poolClosed(pool: string): errors.PoolClosed {
  return new errors.PoolClosed({ message: `pool "${pool}" is closed`, pool })
}

export function saturated(
  pool: string,
  queued: number,
  maxQueue: number,
  workers: number,
): errors.PoolSaturated {
  const message = `pool "${pool}" is saturated: ${queued} calls wait for ${workers} workers (maxQueue is ${maxQueue})`
  return new errors.PoolSaturated({ message, pool, queued, maxQueue })
}

export function circuitOpen(pool: string, retryAfterMs: number): errors.CircuitOpen {
  const message = `pool "${pool}" takes no calls for now, because its workers keep failing (breaker); try again in ${retryAfterMs} ms`
  return new errors.CircuitOpen({ message, pool, retryAfterMs })
}

/** A call of a session whose calls end workers. */
export function sessionTainted(tool: string, session: string, crashes: number): errors.SessionTainted {
  const message = `"${tool}" was not called: calls of session "${session}" have crashed ${crashes} workers; end the session, or rebind() it when that will not happen again`
  return new errors.SessionTainted({ message, session, crashes })
}

/** @param started what was sent ahead may have started: the host sees a worker's answers late. */
export function timedOut(call: PendingCall, started: boolean): errors.CallTimeout {
  const { tool } = call
  const timeoutMs = Math.round(call.deadline - call.acceptedAt)
  const where = started ? "and was told to stop" : "and had not started"
  return new errors.CallTimeout({
    message: `"${tool}" did not end within ${timeoutMs} ms ${where}`,
    tool,
    timeoutMs,
    started,
  })
}

export function queueTimedOut(
  call: PendingCall,
  pool: string,
  startError: string | undefined,
): errors.QueueTimeout {
  const waitedMs = Math.round(performance.now() - call.acceptedAt)
  const why = startError === undefined ? "" : `; the last worker could not start: ${startError}`
  const message = `"${call.tool}" waited ${waitedMs} ms for a worker of pool "${pool}" (queueTimeout)${why}`
  return new errors.QueueTimeout({ message, pool, tool: call.tool, waitedMs })
}

/** @param ran whether it may have been this call that the worker ran, or had run. */
export function crashed(
  call: PendingCall,
  worker: Worker,
  end: WorkerEnd,
  ran: boolean,
  ended = false,
): errors.WorkerCrashed {
  const stderr = worker.stderrTail().trimEnd()
  const tail = stderr === "" ? "" : `\nIts last output on stderr:\n${stderr}`
  const during = ended ? `before the answer of "${call.tool}" had left it` : `while it ran "${call.tool}"`
  const what = ran
    ? during
    : `before it started "${call.tool}", which has lost ${call.requeues + 1} workers so`
  const message = `worker ${worker.id} (pid ${worker.pid}) ${end.cause} ${what}${tail}`
  return new errors.WorkerCrashed({
    message,
    workerId: worker.id,
    tool: call.tool,
    pid: worker.pid,
    started: ran,
    ...(end.exit?.code != null && { exitCode: end.exit.code }),
    ...(end.exit?.signal != null && { signal: end.exit.signal }),
    ...(stderr !== "" && { stderr }),
  })
}

/** A call of a strict session that will not wait. */
export function workerBusy(call: PendingCall, worker: Worker): errors.WorkerBusy {
  const session = call.session ?? ""
  const message = `"${call.tool}" was not called: worker ${worker.id} of session "${session}" is busy (strict_fail_fast)`
  return new errors.WorkerBusy({ message, session, workerId: worker.id })
}

/** A call of a strict session whose worker is gone, and with it whatever it kept. */
export function sessionLost(call: PendingCall, workerId: string): errors.SessionWorkerUnavailable {
  const session = call.session ?? ""
  const message = `"${call.tool}" was not run: session "${session}" has lost its worker ${workerId}; rebind() the session, or give it an onLost hook`
  return new errors.SessionWorkerUnavailable({ message, session, workerId })
}

/** A callback has ended its own session, and calls in a new one of the same id, while its worker waits for it. */
export function endedInside(call: PendingCall, worker: Worker): errors.SessionWorkerUnavailable {
  const session = call.session ?? ""
  const message = `"${call.tool}" was not called: worker ${worker.id} waits for this callback, and cannot let go of the ended session "${session}" before; use another id`
  return new errors.SessionWorkerUnavailable({ message, session, workerId: worker.id })
}

/** What cannot be sent, as the mistake of whoever made the call. */
export function unsendable(tool: string, problem: unknown): errors.InvalidParameter {
  if (problem instanceof InvalidValue) return errors.invalidParameter(tool, problem.path, problem.reason)
  const reason = problem instanceof Error ? problem.message : String(problem)
  return errors.invalidParameter(tool, "args", reason)
}

/** What the caller sees for an error frame. */
export function answeredWith(call: PendingCall, error: WireError): errors.CallError {
  if (error.code === "deadline_exceeded") return timedOut(call, false)
  return errors.fromWire(error, call.tool, call.worker?.id ?? "")
}
