import { isGeneratorFunction } from "../connection/answer.js"
import { InvalidConfig } from "../errors/errors.js"
import type { LogLevel, Meta } from "../protocol/frame.js"
import { isReservedName, isToolName, type ParameterSpec, type ToolSpec } from "../protocol/tools.js"

/** What a tool of an in-process worker knows about the call it serves, and its way back to the host. */
export interface ToolContext {
  /**
   * Aborted when the call is cancelled or the connection ends. A tool that goes on regardless loses its worker when
   * the pool's `cancelGrace` is over; nothing can stop the function itself.
   */
  readonly signal: AbortSignal
  /** The session that the call belongs to. */
  readonly session: string | undefined
  /** What the caller sent beside the arguments. */
  readonly meta: Meta
  /**
   * Calls a tool that the host registered. Rejects with the host's error as a `CallError`; with `CallCancelled` when
   * the call being served is cancelled or has ended.
   */
  callHostTool<T = unknown>(
    name: string,
    args?: { readonly [key: string]: unknown },
    options?: { readonly meta?: Meta },
  ): Promise<T>
  /**
   * Calls a streaming tool that the host registered, at the first step: yields what it yields, and at last what it
   * returns, unless that is nothing. Leaving the loop stops it. Throws what `callHostTool` rejects with.
   */
  streamHostTool<T = unknown>(
    name: string,
    args?: { readonly [key: string]: unknown },
    options?: { readonly meta?: Meta },
  ): AsyncIterableIterator<T>
  /**
   * Has the worker call a function once when the session of this call has ended: to let go of what it keeps for it. The
   * same function is called once, however often it is given. Throws in a call outside of any session.
   */
  onSessionEnd(listener: () => unknown): void
  /** Sends a log record to the host. */
  log(level: LogLevel, message: string): void
  /** Ends the worker as if its process had died: open calls fail with `WorkerCrashed`, and it is replaced. */
  crash(message?: string): never
}

interface Run {
  run(args: { readonly [key: string]: unknown }, context: ToolContext): unknown
}

/**
 * Returns a value, a promise of one, or an iterator or async iterable of chunks (`StreamChunk` where a value says too
 * little).
 * It may name narrower types for its arguments; only `parameters` makes sure that they are right.
 */
// The type of a method: a function's own would not let a tool name narrower types.
export type ToolFunction = Run["run"]

/** A tool with what its worker declares about it. */
export interface ToolDefinition {
  readonly run: ToolFunction
  readonly description?: string
  /** Default: whether `run` is a generator function. */
  readonly streaming?: boolean
  /** Default: any arguments are welcome. */
  readonly parameters?: readonly (Omit<ParameterSpec, "required"> & { readonly required?: boolean })[]
}

/** A tool that is ready to be served. */
export interface ServedTool {
  readonly spec: ToolSpec
  readonly run: ToolFunction
}

/** @throws {InvalidConfig} for a name that no tool may have. */
export function serveable(tools: {
  readonly [name: string]: ToolFunction | ToolDefinition
}): ReadonlyMap<string, ServedTool> {
  return new Map(
    Object.entries(tools).map(([name, tool]) => {
      if (!isToolName(name)) {
        const message = `inProcess: "${name}" is not a tool name: letters, digits, "_", "." and "-", at most 64`
        throw new InvalidConfig({ message, key: name })
      }
      if (isReservedName(name)) {
        const message = `inProcess: "${name}" is taken: names that begin with "snakepit." belong to the protocol`
        throw new InvalidConfig({ message, key: name })
      }
      return [name, declare(name, typeof tool === "function" ? { run: tool } : tool)]
    }),
  )
}

function declare(name: string, { run, description, streaming, parameters }: ToolDefinition): ServedTool {
  const spec: ToolSpec = {
    name,
    description: description ?? "",
    streaming: streaming ?? isGeneratorFunction(run),
    extra: parameters === undefined,
    parameters: (parameters ?? []).map((parameter) => ({ required: false, ...parameter })),
  }
  return { spec, run }
}
