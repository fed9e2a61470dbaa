import { answer, cancelled, describeThrown } from "../connection/answer.js"
import { InvalidConfig } from "../errors/errors.js"
import { type HostCall, runInside } from "../pool/nesting.js"
import { isToolName } from "../protocol/tools.js"
import { show } from "../protocol/violation.js"

/** Host tools that may be registered at a time. */
const maxHostTools = 1024

/** Arguments as a tool sends them. */
export type HostToolArgs = { readonly [key: string]: unknown }

/** A TypeScript function that workers may call. */
export type HostToolHandler<Context> = (args: HostToolArgs, context: Context) => unknown

export interface HostToolOptions {
  /** Only calls of this session see the tool. Default: everybody does. */
  readonly session?: string
  readonly description?: string
}

export interface HostToolInfo {
  readonly name: string
  readonly description: string
  readonly session: string | null
}

interface Registration<Context> extends HostToolInfo {
  readonly handler: HostToolHandler<Context>
}

/** The TypeScript functions that tools can call, global ones and those of a session. */
export class HostTools<Context> {
  readonly #tools = new Map<string, Registration<Context>>()

  /** @throws {InvalidConfig} for a bad or taken name, what is no function, or more than 1,024 tools. */
  register(name: string, handler: HostToolHandler<Context>, options: HostToolOptions = {}): void {
    if (typeof name !== "string" || !isToolName(name))
      throw refused(name, "has no valid name: letters, digits, `_`, `.` and `-`, at most 64")
    if (typeof handler !== "function") throw refused(name, `must be a function, not ${show(handler)}`)
    const { session = null, description = "" } = options
    if (session !== null) checkSessionId(session)
    if (typeof description !== "string") throw refused(name, "has a description that is no string")
    const key = keyOf(name, session)
    if (this.#tools.has(key)) throw refused(name, "is registered already; unregister it first")
    if (this.#tools.size >= maxHostTools)
      throw refused(name, `is one too many: ${maxHostTools} tools are registered`)
    this.#tools.set(key, { name, handler, session, description })
  }

  /** @returns whether there was such a tool. */
  unregister(name: string, session: string | null = null): boolean {
    return this.#tools.delete(keyOf(name, session))
  }

  unregisterSession(session: string): void {
    for (const [key, tool] of this.#tools) if (tool.session === session) this.#tools.delete(key)
  }

  list(session: string | null = null): HostToolInfo[] {
    const visible = [...this.#tools.values()].filter(
      (tool) => tool.session === null || tool.session === session,
    )
    return visible.map(({ name, description, session: of }) => ({ name, description, session: of }))
  }

  /** Serves one call of a worker. Settles when it is answered. */
  async serve(host: HostCall, context: Context): Promise<void> {
    const { incoming } = host
    // The session that counts is the calling tool's own, whatever the frame claims.
    const session = host.session ?? null
    const tool = this.#find(incoming.frame.tool, session)
    if (tool === undefined) {
      const message = `the host has no tool "${incoming.frame.tool}" for this call`
      return incoming.error({ code: "unknown_tool", type: "UnknownTool", message })
    }
    const { args } = incoming.frame
    // A handler may take its time to notice the signal; the peer need not wait for that.
    incoming.signal.addEventListener("abort", () => incoming.error(cancelled), { once: true })
    await runInside(host, () => answer(incoming, () => tool.handler(args, context), describeThrown))
  }

  #find(name: string, session: string | null): Registration<Context> | undefined {
    const own = session === null ? undefined : this.#tools.get(keyOf(name, session))
    return own ?? this.#tools.get(keyOf(name, null))
  }
}

/** @throws {InvalidConfig} */
export function checkSessionId(id: string): void {
  if (typeof id === "string") return
  throw new InvalidConfig({
    message: `the id of a session must be a string, not ${show(id)}`,
    key: "session",
  })
}

function keyOf(name: string, session: string | null): string {
  return JSON.stringify([name, session])
}

function refused(name: string, why: string): InvalidConfig {
  const text = typeof name === "string" ? name : show(name)
  return new InvalidConfig({ message: `the host tool "${text}" ${why}`, key: text })
}
