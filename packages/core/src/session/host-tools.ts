import { answer, cancelled } from "../connection/answer.js"
import { describeThrown } from "../connection/thrown.js"
import { type HostCall, runInside } from "../pool/calls/nesting.js"
import { isReservedName } from "../protocol/tools.js"
import type { BuiltInTool } from "./built-in-tools.js"
import {
  describeHostTool,
  type HostToolArgs,
  type HostToolHandler,
  type HostToolInfo,
  type HostToolInput,
  type HostToolOptions,
  refused,
} from "./host-tool.js"
import { checkSessionId } from "./session-id.js"
import { checkedArgs, type StandardSchema } from "./standard-schema.js"

/** Host tools that may be registered at a time: globally, and for each session. */
const maxHostTools = 1024

interface Registration<Context> {
  readonly info: HostToolInfo
  run(args: HostToolArgs, context: Context): unknown
}

type Scope<Context> = Map<string, Registration<Context>>

/** The TypeScript functions that tools can call, global ones and those of a session. */
export class HostTools<Context> {
  readonly #global: Scope<Context> = new Map()
  readonly #sessions = new Map<string, Scope<Context>>()
  readonly #builtIn: (name: string) => BuiltInTool | undefined

  /** @param builtIn the library's tools, whose names begin with `snakepit.`; `snakepit.tools.list` is there anyway. */
  constructor(builtIn: (name: string) => BuiltInTool | undefined = () => undefined) {
    this.#builtIn = builtIn
  }

  /**
   * @throws {InvalidConfig} for a bad or taken name, what is no function, options of a wrong type, or more than 1,024
   * tools of one session, or global ones.
   */
  register<S extends StandardSchema | undefined = undefined>(
    name: string,
    handler: HostToolHandler<Context, HostToolInput<S>>,
    options: HostToolOptions<S> = {},
  ): void {
    const info = describeHostTool(name, handler, options)
    if (info.session !== null) checkSessionId(info.session)
    const scope = this.#scope(info.session) ?? new Map<string, Registration<Context>>()
    if (scope.has(name)) throw refused(name, "is registered already; unregister it first")
    if (scope.size >= maxHostTools)
      throw refused(name, `is one too many: ${maxHostTools} tools are registered`)
    scope.set(name, { info, run: runner(name, handler, options.schema) })
    if (info.session !== null) this.#sessions.set(info.session, scope)
  }

  /** @returns whether there was such a tool. */
  unregister(name: string, session: string | null = null): boolean {
    const scope = this.#scope(session)
    const found = scope?.delete(name) ?? false
    if (session !== null && scope?.size === 0) this.#sessions.delete(session)
    return found
  }

  unregisterSession(session: string): void {
    this.#sessions.delete(session)
  }

  /** What calls of a session see, or those outside of any: the session's own tools go before global ones. */
  list(session: string | null = null): HostToolInfo[] {
    const own = session === null ? undefined : this.#scope(session)
    return [...new Map([...this.#global, ...(own ?? [])]).values()].map(({ info }) => info)
  }

  /** The tools of a session alone. */
  listOwn(session: string): HostToolInfo[] {
    return [...(this.#scope(session)?.values() ?? [])].map(({ info }) => info)
  }

  /** Serves one call of a worker. Settles when it is answered. */
  async serve(host: HostCall, context: Context): Promise<void> {
    const { incoming } = host
    const { tool, args } = incoming.frame
    // The session that counts is the calling tool's own, whatever the frame claims.
    const run = this.#find(tool, host.session)
    if (run === undefined) {
      const message = `the host has no tool "${tool}" for this call`
      return incoming.error({ code: "unknown_tool", type: "UnknownTool", message })
    }
    // A handler may take its time to notice the signal; the peer need not wait for that.
    incoming.signal.addEventListener("abort", () => incoming.error(cancelled), { once: true })
    await runInside(host, () => answer(incoming, () => run(args, context), describeThrown))
  }

  #find(name: string, session: string | undefined): Registration<Context>["run"] | undefined {
    if (isReservedName(name)) {
      const tool = name === "snakepit.tools.list" ? this.#tell : this.#builtIn(name)
      return tool && ((args) => tool(args, session))
    }
    const own = session === undefined ? undefined : this.#sessions.get(session)?.get(name)
    return (own ?? this.#global.get(name))?.run
  }

  readonly #tell: BuiltInTool = async (_args, session) =>
    this.list(session ?? null).map((info) => ({ ...info, session: info.session !== null }))

  #scope(session: string | null): Scope<Context> | undefined {
    return session === null ? this.#global : this.#sessions.get(session)
  }
}

function runner<Context, S extends StandardSchema | undefined>(
  name: string,
  handler: HostToolHandler<Context, HostToolInput<S>>,
  schema: S | undefined,
): Registration<Context>["run"] {
  // The compiler cannot tell what `S` says of the arguments.
  const run = handler as HostToolHandler<Context, unknown>
  if (schema === undefined) return run
  return async (args, context) => run(await checkedArgs(schema, name, args), context)
}
