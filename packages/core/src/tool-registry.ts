import type { ToolSpec } from "./protocol/tools.js"
import type { HostToolContext, Runtime } from "./runtime.js"
import type { HostToolHandler, HostToolInfo, HostToolOptions } from "./session/host-tools.js"

/** Both directions of tools: those TypeScript offers to workers, and those workers offer. */
export class HostToolRegistry {
  readonly #runtime: Runtime

  constructor(runtime: Runtime) {
    this.#runtime = runtime
  }

  /**
   * Makes a function callable from tools: `ctx.call_host_tool(name, **args)` in Python.
   * @throws {InvalidConfig} for a bad or taken name, what is no function, or more than 1,024 tools.
   */
  register(name: string, handler: HostToolHandler<HostToolContext>, options: HostToolOptions = {}): void {
    this.#runtime.hostTools.register(name, handler, options)
  }

  /** @returns whether there was such a tool. */
  unregister(name: string, options: { readonly session?: string } = {}): boolean {
    return this.#runtime.hostTools.unregister(name, options.session ?? null)
  }

  /** What each pool's workers declare, and what TypeScript offers them. */
  list(): {
    readonly host: readonly HostToolInfo[]
    readonly pools: { readonly [pool: string]: readonly ToolSpec[] }
  } {
    const pools = [...this.#runtime.client.pools].map(([name, { pool }]) => [
      name,
      [...(pool.tools?.values() ?? [])],
    ])
    return { host: this.#runtime.hostTools.list(), pools: Object.fromEntries(pools) }
  }
}
