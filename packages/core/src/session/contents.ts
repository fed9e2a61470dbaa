import type { SessionBackend } from "./backend.js"
import { SessionDataStore } from "./data.js"
import { Programs } from "./programs.js"
import { unknownSession } from "./session-id.js"
import { type InTurn, Turns } from "./turns.js"
import { Variables } from "./variables/variables.js"

export interface SessionContentsOptions {
  readonly backend: SessionBackend
  readonly limits: SessionLimits
  /** Whether there is such a session now. What comes too late for one must not make contents that nobody would clear. */
  isOpen(session: string): boolean
}

export interface SessionLimits {
  /** Variables of one session. */
  readonly maxVariables: number
  /** Programs of one session. */
  readonly maxPrograms: number
  /** Programs of none. */
  readonly maxGlobalPrograms: number
}

/** What sessions hold, as the host keeps it. Everything that concerns one session happens in turn. */
export class SessionContents {
  readonly variables: Variables
  readonly programs: Programs
  readonly data: SessionDataStore
  readonly #turns = new Turns()

  constructor({ backend, limits, isOpen }: SessionContentsOptions) {
    const inTurn: InTurn = (session, job) =>
      this.#turns.take(session, () => {
        if (!isOpen(session)) throw unknownSession(session)
        return job()
      })
    this.variables = new Variables(backend, limits.maxVariables, inTurn)
    this.programs = new Programs(backend, limits, inTurn)
    this.data = new SessionDataStore(backend, inTurn)
  }

  /**
   * Lets go of everything that a session holds, after what is under way for it; its watches end at once. The session
   * has to be closed by then. One of the same id that is opened meanwhile starts empty.
   */
  end(session: string): Promise<void> {
    this.variables.endWatches(session)
    return this.#turns.take(session, async () => {
      const parts = [this.variables, this.programs, this.data]
      await Promise.all(parts.map((part) => part.clear(session)))
    })
  }

  stats(): SessionContentsStats {
    return { watches: this.variables.watches, sessionsAtWork: this.#turns.size }
  }
}

export interface SessionContentsStats {
  /** Watches of variables that have not ended. */
  readonly watches: number
  /** Sessions whose contents are being read or changed right now. */
  readonly sessionsAtWork: number
}
