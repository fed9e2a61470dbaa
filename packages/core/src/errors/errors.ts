import type { ErrorCode, WireError } from "../protocol/frame.js"
import type { SkippedTransport } from "../protocol/handshake.js"
import { formatPath } from "../protocol/invalid-value.js"
import { UnknownSession } from "./session-errors.js"
import { TaggedError } from "./tagged-error.js"

/** A worker could not be started. `message` says why and what to do; nothing is left running. */
export class StartFailed extends TaggedError("StartFailed")<{
  readonly message: string
  readonly reason:
    | "launch"
    | "exited"
    | "timeout"
    | "adapter"
    | "transport"
    | "version"
    | "handshake"
    | "closed"
  readonly workerId: string
  /** The worker's own traceback, when it sent one. */
  readonly traceback?: string
  /** The end of what the process wrote to stderr. */
  readonly stderr?: string
  readonly skipped?: readonly SkippedTransport[]
}> {}

/** The configuration is not usable: an unknown name, a value out of range. */
export class InvalidConfig extends TaggedError("InvalidConfig")<{
  readonly message: string
  readonly key: string
}> {}

/** The queue is full; the call was refused at once. */
export class PoolSaturated extends TaggedError("PoolSaturated")<{
  readonly message: string
  readonly pool: string
  readonly queued: number
  readonly maxQueue: number
}> {}

/** The call waited longer than `queueTimeout` for a worker. It never started. */
export class QueueTimeout extends TaggedError("QueueTimeout")<{
  readonly message: string
  readonly pool: string
  readonly tool: string
  readonly waitedMs: number
}> {}

/** The call did not finish within its `timeout`. If it may have started, Python was told to stop. */
export class CallTimeout extends TaggedError("CallTimeout")<{
  readonly message: string
  readonly tool: string
  readonly timeoutMs: number
  /** Whether the tool may have run. */
  readonly started: boolean
}> {}

/** The call was cancelled: by its `AbortSignal`, by leaving a stream, or because its parent call ended. */
export class CallCancelled extends TaggedError("CallCancelled")<{
  readonly message: string
  readonly tool: string
}> {}

/** The pool is closed or closing. */
export class PoolClosed extends TaggedError("PoolClosed")<{
  readonly message: string
  readonly pool: string
}> {}

/**
 * The worker process ended while it ran this call, which is made again only if it is `idempotent`, for it may have had
 * effects; or before it started the call, for the fourth time.
 */
export class WorkerCrashed extends TaggedError("WorkerCrashed")<{
  readonly message: string
  readonly workerId: string
  readonly tool: string
  readonly pid: number | null
  /** Whether the tool may have run. */
  readonly started: boolean
  readonly exitCode?: number
  readonly signal?: string
  readonly stderr?: string
}> {}

/** An argument or an option was refused before the tool ran; as a rule before any worker was contacted. */
export class InvalidParameter extends TaggedError("InvalidParameter")<{
  readonly message: string
  readonly tool: string
  /** Path of the argument, for instance `args.rows[3].when`, or name of the option, for instance `session`. */
  readonly key: string
  readonly reason: string
}> {}

/** No tool of this name; `message` offers those that come near, and lists at most 20 of those there are. */
export class UnknownTool extends TaggedError("UnknownTool")<{
  readonly message: string
  readonly tool: string
}> {}

/** The tool ran and raised. */
export class ToolError extends TaggedError("ToolError")<{
  readonly message: string
  readonly tool: string
  /** The exception's own name, for instance `ZeroDivisionError`. */
  readonly type: string
  readonly traceback?: string
  /** What the exception carries beside its message: its public attributes. */
  readonly details?: unknown
  readonly retryable: boolean
  readonly workerId: string
}> {}

/** The worker refused the call or could not answer it; no exception of the tool itself. */
export class RemoteError extends TaggedError("RemoteError")<{
  readonly message: string
  readonly tool: string
  readonly code: ErrorCode
  readonly type: string
  readonly traceback?: string
  readonly details?: unknown
  readonly workerId: string
}> {}

/** A callback called a tool that called back … more than 16 levels deep. */
export class NestingTooDeep extends TaggedError("NestingTooDeep")<{
  readonly message: string
  readonly tool: string
  readonly limit: number
}> {}

/** There are as many sessions as `sessions.max` allows; end one, or let one expire. */
export class SessionQuotaExceeded extends TaggedError("SessionQuotaExceeded")<{
  readonly message: string
  readonly limit: number
}> {}

/** A session with affinity `strict_fail_fast` whose worker is busy. */
export class WorkerBusy extends TaggedError("WorkerBusy")<{
  readonly message: string
  readonly session: string
  readonly workerId: string | null
}> {}

/** The worker that a strict session is bound to is gone, and with it what it kept; `rebind()` chooses another one. */
export class SessionWorkerUnavailable extends TaggedError("SessionWorkerUnavailable")<{
  readonly message: string
  readonly session: string
  readonly workerId: string
}> {}

/** The workers of a pool keep failing, so it refuses calls for a while. */
export class CircuitOpen extends TaggedError("CircuitOpen")<{
  readonly message: string
  readonly pool: string
  /** When it will try again, in milliseconds from now. */
  readonly retryAfterMs: number
}> {}

/** The calls of this session have crashed too many workers; it is refused until it ends, or `rebind()` vouches for it. */
export class SessionTainted extends TaggedError("SessionTainted")<{
  readonly message: string
  readonly session: string
  /** Workers that it has crashed. */
  readonly crashes: number
}> {}

const callErrors = [
  PoolSaturated,
  QueueTimeout,
  CallTimeout,
  CallCancelled,
  PoolClosed,
  WorkerCrashed,
  InvalidParameter,
  UnknownTool,
  ToolError,
  RemoteError,
  NestingTooDeep,
  InvalidConfig,
  SessionQuotaExceeded,
  WorkerBusy,
  SessionWorkerUnavailable,
  UnknownSession,
  CircuitOpen,
  SessionTainted,
] as const

/** Everything a call can fail with. */
export type CallError = InstanceType<(typeof callErrors)[number]>

export function isCallError(error: unknown): error is CallError {
  return callErrors.some((kind) => error instanceof kind)
}

export type SnakepitError = CallError | StartFailed

/** The error a caller sees for an error frame. */
export function fromWire(error: WireError, tool: string, workerId: string): CallError {
  const shared = {
    tool,
    workerId,
    type: error.type,
    ...(error.traceback === undefined ? {} : { traceback: error.traceback }),
    ...(error.details === undefined ? {} : { details: error.details }),
  }
  switch (error.code) {
    case "tool_error":
      return new ToolError({
        ...shared,
        message: `${error.type}: ${error.message}`,
        retryable: error.retryable === true,
      })
    case "cancelled":
      return new CallCancelled({ message: error.message, tool })
    case "unknown_tool":
      return new UnknownTool({ message: error.message, tool })
    case "invalid_parameter":
      return refusedByWorker(error, tool)
    default:
      return new RemoteError({ ...shared, code: error.code, message: `${error.type}: ${error.message}` })
  }
}

/** What is refused before it is sent. */
export function invalidParameter(tool: string, key: string, reason: string): InvalidParameter {
  return new InvalidParameter({ message: `"${tool}" was not called: ${key}: ${reason}`, tool, key, reason })
}

/** What concerns no parameter concerns how the tool was called. */
function refusedByWorker({ message, details }: WireError, tool: string): InvalidParameter {
  const { key, reason }: { readonly key?: unknown; readonly reason?: unknown } = Object(details)
  return new InvalidParameter({
    message: `"${tool}" was refused by its worker: ${message}`,
    tool,
    key: typeof key === "string" ? formatPath(["args", key]) : "tool",
    reason: typeof reason === "string" ? reason : message,
  })
}
