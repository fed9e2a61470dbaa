import { Duration, Option } from "effect"
import { InvalidConfig } from "../errors/errors.js"
import type { Meta } from "../protocol/frame.js"

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
}

export interface StreamOptions extends CallOptions {
  /** How far the tool may run ahead of the consumer, in units of 64 KiB, at least one a chunk. Default 64. */
  readonly credit?: number
}

/** @returns milliseconds. @throws {InvalidConfig} naming the key. */
export function toMillis(input: DurationInput, key: string): number {
  const duration = Duration.fromInput(input)
  // Duration takes NaN for zero.
  const isNumber = !Number.isNaN(input)
  const ms = isNumber && Option.isSome(duration) ? Duration.toMillis(duration.value) : Number.NaN
  if (Number.isNaN(ms) || ms < 0) {
    const message = `${key} is not a duration: ${String(input)}; use milliseconds, "5 seconds" or Infinity`
    throw new InvalidConfig({ message, key })
  }
  return ms
}
