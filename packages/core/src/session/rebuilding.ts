import { AsyncLocalStorage } from "node:async_hooks"
import type { SessionLease } from "../pool/calls/pending-call.js"
import type { SessionEntry } from "./session-table.js"

const current = new AsyncLocalStorage<SessionEntry>()

/** Whether this code runs in the `onLost` hook of a session. */
export function isRebuilding(lease: SessionLease): boolean {
  return current.getStore() === lease
}

/** Times that a hook may lose the worker on which it rebuilds its session. */
const maxAttempts = 3

/** A pool, as far as it concerns a session that has lost its worker. */
interface Rebindable {
  readonly name: string
  rebindSession(session: string): void
  giveUpSession(session: string): void
}

/** A hook at work. */
interface Run {
  /** The worker that was lost since it began. */
  lostAgain: string | undefined
}

/**
 * Runs the `onLost` hooks of strict sessions, one at a time for each. Until a hook has ended well, only its own calls
 * run; the others wait, and fail when it does.
 */
export class Rebuilding {
  readonly #running = new Map<SessionEntry, Map<Rebindable, Run>>()
  readonly #onFailed: (session: string, error: unknown) => void

  constructor(onFailed: (session: string, error: unknown) => void) {
    this.#onFailed = onFailed
  }

  async lost(pool: Rebindable, entry: SessionEntry, workerId: string): Promise<void> {
    const { id, onLost } = entry
    if (onLost === undefined) return
    const runs = this.#running.get(entry) ?? new Map<Rebindable, Run>()
    const running = runs.get(pool)
    if (running !== undefined) {
      running.lostAgain = workerId
      return
    }
    const run: Run = { lostAgain: workerId }
    this.#running.set(entry, runs.set(pool, run))
    try {
      await this.#rebuild(entry, run, async (lost) => onLost(entry, pool.name, lost))
      if (!entry.ended) pool.rebindSession(id)
    } catch (error) {
      if (!entry.ended) pool.giveUpSession(id)
      this.#onFailed(id, error)
    } finally {
      runs.delete(pool)
      if (runs.size === 0) this.#running.delete(entry)
    }
  }

  /** Again, when the worker that it was rebuilt on is lost, too; what a hook does may be what kills them. */
  async #rebuild(entry: SessionEntry, run: Run, hook: (workerId: string) => unknown): Promise<void> {
    // The pool is in the middle of letting its worker go.
    await undefined
    for (let attempt = 1; run.lostAgain !== undefined && !entry.ended; attempt += 1) {
      const workerId = run.lostAgain
      run.lostAgain = undefined
      try {
        await current.run(entry, () => hook(workerId))
      } catch (error) {
        if (run.lostAgain === undefined || attempt === maxAttempts) throw error
      }
      if (attempt === maxAttempts && run.lostAgain !== undefined)
        throw new Error(`it has lost ${maxAttempts} workers while it was rebuilt`)
    }
  }
}
