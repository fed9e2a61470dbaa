import { Duration, Option } from "effect"
import { InvalidConfig, InvalidParameter, invalidParameter } from "../errors/errors.js"
import { type Priority, priorities } from "../pool/dispatch/priority.js"
import type { Meta } from "../protocol/frame.js"
import { defaultCredit } from "../protocol/limits.js"
import { isPlainObject } from "../protocol/plain-object.js"
import { show } from "../protocol/violation.js"
import { problemOf } from "../session/session-id.js"

/** Milliseconds, a text such as `"5 seconds"` or `"1 hour"`, or `Infinity` for no limit. */
export type DurationInput =
  | number
  | Exclude<Duration.Input, number | bigint | Duration.Duration | readonly unknown[] | object>

export interface CallOptions {
  /** The pool to use. Default: the only pool, or `default`. */
  readonly pool?: string
  /** The session this call belongs to; prefers the worker that served the session last. */
  readonly session?: string
  /**
   * Everything together: waiting for a worker, running, consuming a stream.
   * Default 30 s for a call, 300 s for a stream.
   */
  readonly timeout?: DurationInput
  /** How long to wait for a worker. Default: the pool's `queueTimeout`. */
  readonly queueTimeout?: DurationInput
  /** Aborting cancels the call and stops Python. */
  readonly signal?: AbortSignal
  /** Text that travels with the call; the tool sees it as its request metadata. */
  readonly meta?: Meta
  /**
   * Which of the calls that wait goes first: those of a higher priority, and of equals the oldest; but now and then one
   * of a lower priority, so that none waits for ever. What was sent to a worker already keeps its place. Default `normal`.
   */
  readonly priority?: Priority
  /** To run it twice does no harm, so it may be tried again after a failure (`retry` of its pool). Default false. */
  readonly idempotent?: boolean
  /** More arguments, each of them bytes, which is checked before anything is sent. No name may be in `args`, too. */
  readonly binary?: BinaryArgs
}

/** A call's options, when the session is given already. */
export type SessionCallOptions = Omit<CallOptions, "session">

/** Arguments that are bytes, by name. */
export interface BinaryArgs {
  readonly [name: string]: Uint8Array | ArrayBufferLike | DataView | undefined
}

export interface StreamOptions extends CallOptions {
  /**
   * How far the tool may run ahead of the consumer, in units of 4 KiB, at least one a chunk. Default 1,024, which is
   * 4 MiB; at most 1,048,576.
   */
  readonly credit?: number
}

/** The most credit a stream may have: beyond it there is no backpressure to speak of. */
const maxCredit = 1_048_576

/**
 * Refuses a name and options of a wrong type: to a worker they would be a breach of the protocol, and its end.
 * @throws {InvalidParameter} naming the key.
 */
export function checkRequest(tool: string, options: CallOptions): void {
  if (typeof tool !== "string") {
    const reason = `must be a string, not ${show(tool)}`
    const message = `no tool was called: its name ${reason}`
    throw new InvalidParameter({ message, tool: show(tool), key: "tool", reason })
  }
  if (typeof options !== "object" || options === null) throw mustBe(tool, "options", "an object", options)
  const { session, meta, signal, priority, idempotent } = options
  const problem = session === undefined ? undefined : problemOf(session)
  if (problem !== undefined) throw invalidParameter(tool, "session", problem)
  if (signal !== undefined && !isSignal(signal)) throw mustBe(tool, "signal", "an AbortSignal", signal)
  if (meta !== undefined) checkMeta(tool, meta)
  if (priority !== undefined && !priorities.includes(priority))
    throw mustBe(tool, "priority", `one of ${priorities.map(show).join(", ")}`, priority)
  if (idempotent !== undefined && typeof idempotent !== "boolean")
    throw mustBe(tool, "idempotent", "a boolean", idempotent)
}

/** @throws {InvalidParameter} */
export function creditOf(tool: string, { credit = defaultCredit }: StreamOptions): number {
  if (Number.isSafeInteger(credit) && credit > 0 && credit <= maxCredit) return credit
  throw mustBe(tool, "credit", `an integer from 1 to ${maxCredit}`, credit)
}

/** @returns milliseconds. @throws {InvalidConfig} naming the key. */
export function toMillis(input: DurationInput, key: string): number {
  const ms = typeof input === "string" ? parseMillis(input) : input
  if (isMillis(ms)) return ms
  const message = `${key} is not a duration: ${show(input)}; use milliseconds, "5 seconds" or Infinity`
  throw new InvalidConfig({ message, key })
}

/** Also `Infinity`; not `NaN`. */
export function isMillis(value: unknown): value is number {
  return typeof value === "number" && value >= 0
}

function parseMillis(text: DurationInput): number {
  const duration = Duration.fromInput(text)
  return Option.isSome(duration) ? Duration.toMillis(duration.value) : Number.NaN
}

/** By what it can do: there are signals of other realms, and of libraries. */
function isSignal(value: unknown): boolean {
  return (
    typeof value === "object" &&
    value !== null &&
    "aborted" in value &&
    typeof value.aborted === "boolean" &&
    "addEventListener" in value
  )
}

function checkMeta(tool: string, meta: Meta): void {
  if (typeof meta !== "object" || meta === null || !isPlainObject(meta))
    throw mustBe(tool, "meta", "an object of strings", meta)
  for (const key of Object.keys(meta))
    if (typeof meta[key] !== "string") throw mustBe(tool, `meta.${key}`, "a string", meta[key])
}

function mustBe(tool: string, key: string, what: string, value: unknown): InvalidParameter {
  return invalidParameter(tool, key, `must be ${what}, not ${show(value)}`)
}
