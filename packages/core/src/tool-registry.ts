import type { ToolSpec } from "./protocol/tools.js"
import type { HostToolContext, Runtime } from "./runtime.js"
import type { HostToolHandler, HostToolInfo, HostToolInput, HostToolOptions } from "./session/host-tool.js"
import type { StandardSchema } from "./session/standard-schema.js"

/** Both directions of tools: those TypeScript offers to workers, and those workers offer. */
export class HostToolRegistry {
  readonly #runtime: Runtime

  constructor(runtime: Runtime) {
    this.#runtime = runtime
  }

  /**
   * Makes a function callable from tools: `ctx.tools.name(…)` or `ctx.call_host_tool("name", …)` in Python, and as a
   * stream when it is a generator. With a `schema` its arguments are checked first, and typed.
   * @throws {InvalidConfig} for a bad or taken name, what is no function, or more than 1,024 tools.
   */
  register<S extends StandardSchema | undefined = undefined>(
    name: string,
    handler: HostToolHandler<HostToolContext, HostToolInput<S>>,
    options: HostToolOptions<S> = {},
  ): void {
    const { session } = options
    this.#runtime.hostTools.register(name, handler, options)
    if (session === undefined) return
    try {
      this.#runtime.sessions.use(session)
    } catch (error) {
      this.#runtime.hostTools.unregister(name, session)
      throw error
    }
  }

  /** @returns whether there was such a tool. */
  unregister(name: string, options: { readonly session?: string } = {}): boolean {
    return this.#runtime.hostTools.unregister(name, options.session ?? null)
  }

  /**
   * What each pool's workers declare, and what TypeScript offers them: to every call, or to those of one session, whose
   * own tools go before global ones of the same name.
   */
  list(options: { readonly session?: string } = {}): {
    readonly host: readonly HostToolInfo[]
    readonly pools: { readonly [pool: string]: readonly ToolSpec[] }
  } {
    const pools = [...this.#runtime.client.pools].map(([name, { pool }]) => [
      name,
      [...(pool.tools?.values() ?? [])],
    ])
    return {
      host: this.#runtime.hostTools.list(options.session ?? null),
      pools: Object.fromEntries(pools),
    }
  }
}

/** TypeScript functions that tools may call in this session only. They go before global ones of the same name. */
export class SessionTools {
  readonly #runtime: Runtime
  readonly #session: string
  readonly #use: () => void

  /** @internal @param use makes the session, or keeps it alive. */
  constructor(runtime: Runtime, session: string, use: () => void) {
    this.#runtime = runtime
    this.#session = session
    this.#use = use
  }

  /**
   * Makes a function callable from tools that run in this session, as `pit.tools.register` does for all. It ends with the
   * session.
   * @throws {InvalidConfig} for a bad or taken name, what is no function, or more than 1,024 tools of this session.
   */
  register<S extends StandardSchema | undefined = undefined>(
    name: string,
    handler: HostToolHandler<HostToolContext, HostToolInput<S>>,
    options: Omit<HostToolOptions<S>, "session"> = {},
  ): void {
    this.#use()
    this.#runtime.hostTools.register(name, handler, { ...options, session: this.#session })
  }

  /** @returns whether this session had such a tool. */
  unregister(name: string): boolean {
    return this.#runtime.hostTools.unregister(name, this.#session)
  }

  /** This session's own tools. */
  list(): readonly HostToolInfo[] {
    return this.#runtime.hostTools.listOwn(this.#session)
  }
}
