import type { ServedTool } from "./tools.js"

/** What tools of one worker want to do when a session ends. */
export class SessionEnds {
  readonly #listeners = new Map<string, Set<() => unknown>>()

  add(session: string, listener: () => unknown): void {
    const listeners = this.#listeners.get(session) ?? new Set()
    this.#listeners.set(session, listeners.add(listener))
  }

  /** The tool by which a worker hears of the end (PROTOCOL.md, SE-2). */
  readonly tool: ServedTool = {
    spec: { name: "snakepit.end_session", description: "", streaming: false, extra: true, parameters: [] },
    run: async (_args, { session = "", log }) => {
      const listeners = this.#listeners.get(session) ?? []
      this.#listeners.delete(session)
      for (const listener of listeners) {
        try {
          await listener()
        } catch (error) {
          log("error", `what a tool does at the end of a session failed: ${String(error)}`)
        }
      }
      return null
    },
  }
}
