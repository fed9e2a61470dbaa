import type { SessionEntry } from "./session-table.js"

/** A pool, as far as it concerns a session that has lost its worker. */
interface Rebindable {
  readonly name: string
  rebindSession(session: string): void
}

/**
 * Runs the `onLost` hooks of strict sessions, one at a time for each. Until a hook has ended well, only its own calls
 * run; all others fail.
 */
export class Rebuilding {
  readonly #running = new Map<string, { lostAgain: string | undefined }>()
  readonly #onFailed: (session: string, error: unknown) => void

  constructor(onFailed: (session: string, error: unknown) => void) {
    this.#onFailed = onFailed
  }

  async lost(pool: Rebindable, entry: SessionEntry, workerId: string): Promise<void> {
    const { id, onLost } = entry
    if (onLost === undefined) return
    const key = JSON.stringify([pool.name, id])
    const running = this.#running.get(key)
    if (running !== undefined) {
      running.lostAgain = workerId
      return
    }
    const run: { lostAgain: string | undefined } = { lostAgain: workerId }
    this.#running.set(key, run)
    try {
      await this.#rebuild(run, () => onLost(pool.name, run.lostAgain ?? workerId))
      pool.rebindSession(id)
    } catch (error) {
      this.#onFailed(id, error)
    } finally {
      this.#running.delete(key)
    }
  }

  /** Again, as long as the worker that it was rebuilt on is lost, too. */
  async #rebuild(run: { lostAgain: string | undefined }, hook: () => unknown): Promise<void> {
    while (run.lostAgain !== undefined) {
      const outcome = hook()
      run.lostAgain = undefined
      try {
        await outcome
      } catch (error) {
        if (run.lostAgain === undefined) throw error
      }
    }
  }
}
