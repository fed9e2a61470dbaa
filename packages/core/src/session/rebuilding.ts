import type { SessionEntry } from "./session-table.js"

/** Times that a hook may lose the worker on which it rebuilds its session. */
const maxAttempts = 3

/** A pool, as far as it concerns a session that has lost its worker. */
interface Rebindable {
  readonly name: string
  rebindSession(session: string): void
  giveUpSession(session: string): void
}

/**
 * Runs the `onLost` hooks of strict sessions, one at a time for each. Until a hook has ended well, only its own calls
 * run; the others wait, and fail when it does.
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
      await this.#rebuild(run, async (lost) => onLost(pool.name, lost))
      pool.rebindSession(id)
    } catch (error) {
      pool.giveUpSession(id)
      this.#onFailed(id, error)
    } finally {
      this.#running.delete(key)
    }
  }

  /** Again, when the worker that it was rebuilt on is lost, too; what a hook does may be what kills them. */
  async #rebuild(run: { lostAgain: string | undefined }, hook: (workerId: string) => unknown): Promise<void> {
    // The pool is in the middle of letting its worker go.
    await undefined
    for (let attempt = 1; run.lostAgain !== undefined; attempt += 1) {
      const workerId = run.lostAgain
      run.lostAgain = undefined
      try {
        await hook(workerId)
      } catch (error) {
        if (run.lostAgain === undefined || attempt === maxAttempts) throw error
      }
      if (attempt === maxAttempts && run.lostAgain !== undefined)
        throw new Error(`it has lost ${maxAttempts} workers while it was rebuilt`)
    }
  }
}
