import type { Duplex } from "node:stream"

/** The arguments of a call, by name. */
export type NamedArgs = { readonly [key: string]: unknown }

/** What a call takes as its arguments: an object literal or the like, its type an interface or not; no array. */
export type Args = NamedArgs | (object & { readonly [Symbol.iterator]?: never })

/** How a worker runs its calls: one at a time, several in threads, or whichever suits its interpreter. */
export type WorkerProfile = "process" | "thread" | "auto"

/** What an adapter may use to decide how to launch a worker. */
export interface LaunchContext {
  readonly workerId: string
  readonly pool: string
  /** Workers that the pool keeps up. */
  readonly poolSize: number
  readonly profile: WorkerProfile
  /** Calls at a time in a worker that uses threads. */
  readonly threads: number
  /** Names of the transports the host offers, best first. */
  readonly offer: readonly string[]
  /** Aborted when the start is given up. */
  readonly signal: AbortSignal
}

/** A command that starts one worker process. */
export interface ProcessPlan {
  readonly kind?: "process"
  readonly executable: string
  readonly args: readonly string[]
  readonly cwd?: string
  /** The whole environment of the worker; `SNAKEPIT_*` is added. Default: the host's. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Where frames travel. `stdio` is for runtimes that cannot take an inherited descriptor. Default `fd`. */
  readonly channel?: "fd" | "stdio"
  /** Shown when the executable cannot be started, or ends at once: for instance how to install it. */
  readonly hint?: string
  /** Another way to launch the same worker, faster where there are many. Not with the channel `stdio`. */
  readonly forkServer?: ForkServerPlan
}

/**
 * A command that starts one process which has loaded what workers need, and forks them: "Fork server" in PROTOCOL.md.
 * Its working directory and environment are those of the plan it belongs to. A pool has one, which its first worker
 * starts.
 */
export interface ForkServerPlan {
  readonly executable: string
  readonly args: readonly string[]
  /** The arguments of a worker that is forked; those of the plan's own command are not used then. */
  readonly workerArgs: readonly string[]
  /** Names of what it loads, for messages. Default: none. */
  readonly loads?: readonly string[]
  /** Whether a start fails when there can be no fork server; else the plan's own command is run. Default false. */
  readonly required?: boolean
}

/** A worker inside this process: for tests, and for tools written in TypeScript. */
export interface InProcessPlan {
  readonly kind: "in-process"
  /** Gets the worker's end of the channel; must speak the worker protocol on it. */
  start(channel: Duplex, offer: readonly string[]): void
}

export type LaunchPlan = ProcessPlan | InProcessPlan

/** How a runtime is launched, and what it accepts. Everything but `name` and `launch` is optional. */
export interface Adapter {
  readonly name: string
  launch(context: LaunchContext): LaunchPlan | Promise<LaunchPlan>
  /** When given, any other command is `UnknownTool` before a worker is contacted. */
  readonly supportedCommands?: readonly string[]
  /** Throws, or returns a message, when the arguments are not acceptable. */
  validateCommand?(command: string, args: NamedArgs): string | undefined
  /** Changes the arguments before they are checked and sent. */
  prepareArgs?(command: string, args: NamedArgs): NamedArgs
  /** Changes a result, or each chunk's data, before the caller sees it. */
  processResponse?(command: string, value: unknown): unknown
  /** The default timeout of a command in milliseconds, for the arguments to be sent. The caller's own wins. */
  commandTimeout?(command: string, args: NamedArgs): number | undefined
}

/** Checks an adapter where it is written, and lets its type be inferred. */
export function defineAdapter<const A extends Adapter>(adapter: A): A {
  return adapter
}
