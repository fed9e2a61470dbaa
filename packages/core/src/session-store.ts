import { randomBytes } from "node:crypto"
import { SessionExists } from "./errors/session-errors.js"
import type { Affinity } from "./pool/dispatch/bindings.js"
import type { Runtime } from "./runtime.js"
import type { SessionContentsStats } from "./session/contents.js"
import { checkData, type SessionData } from "./session/data.js"
import { checkSessionId, unknownSession } from "./session/session-id.js"
import type { SessionEntry, SessionTableStats } from "./session/session-table.js"
import { Session, type SessionOptions } from "./session-handle.js"

export interface CreateSessionOptions extends SessionOptions {
  /** What you want to remember of it: a plain object. Default `{}`. */
  readonly data?: SessionData
}

/** A session as it is now. */
export interface SessionInfo {
  readonly id: string
  readonly createdAt: Date
  readonly lastUsedAt: Date
  readonly ttlMs: number
  /** `null`: that of the pool. */
  readonly affinity: Affinity | null
  readonly data: SessionData
}

/** Sessions in numbers. */
export interface SessionStats extends SessionTableStats, SessionContentsStats {}

/** 128 random bits, which nobody guesses. */
export function newSessionId(): string {
  return randomBytes(16).toString("hex")
}

/** The sessions that live. */
export class SessionStore {
  readonly #runtime: Runtime

  /** @internal */
  constructor(runtime: Runtime) {
    this.#runtime = runtime
  }

  /**
   * Makes a session now, and not with its first call.
   * @param id default: 128 random bits
   * @throws {SessionExists}, {SessionQuotaExceeded}, {InvalidConfig}
   */
  async create(id: string = newSessionId(), options: CreateSessionOptions = {}): Promise<Session> {
    const { data, ...rest } = options
    const session = new Session(this.#runtime, id, rest)
    if (data !== undefined) checkData(data)
    if (this.#runtime.sessions.get(id) !== undefined) {
      throw new SessionExists({ message: `there is a session ${JSON.stringify(id)} already`, session: id })
    }
    session.use()
    try {
      if (data !== undefined) await this.#runtime.contents.data.update(id, () => data)
    } catch (error) {
      await session.close()
      throw error
    }
    return session
  }

  /** `undefined`: there is no such session, or not any more. Looking does not prolong its life. */
  async get(id: string): Promise<SessionInfo | undefined> {
    const entry = this.#find(id)
    return entry === undefined ? undefined : describe(entry, await this.#runtime.contents.data.get(id))
  }

  /**
   * Changes the data of a session; it counts as a use. Updates of one session happen one after the other.
   * @param change gets the data and gives what it is to be from now on; it may run again, so it does nothing else.
   * @throws {UnknownSession}, and what `change` throws; nothing has changed then.
   */
  async update(id: string, change: (data: SessionData) => SessionData): Promise<SessionInfo> {
    if (this.#find(id) === undefined) throw unknownSession(id)
    const entry = this.#runtime.sessions.use(id)
    return describe(entry, await this.#runtime.contents.data.update(id, change))
  }

  /** Ends a session, as its `close` does. @returns whether there was one. */
  async delete(id: string): Promise<boolean> {
    checkSessionId(id)
    const ended = this.#runtime.sessions.end(id)
    await this.#runtime.cleared(id)
    return ended
  }

  async exists(id: string): Promise<boolean> {
    return this.#find(id) !== undefined
  }

  /** The ids, oldest first. */
  async list(): Promise<string[]> {
    return this.#runtime.sessions.list()
  }

  /** Ends what has expired, now and not with the next `sessions.cleanupInterval`. @returns how many that were. */
  async cleanup(): Promise<number> {
    return this.#runtime.sessions.sweep()
  }

  stats(): SessionStats {
    const { sessions, contents } = this.#runtime
    return { ...sessions.stats(), ...contents.stats() }
  }

  #find(id: string): SessionEntry | undefined {
    checkSessionId(id)
    return this.#runtime.sessions.get(id)
  }
}

function describe(entry: SessionEntry, data: SessionData): SessionInfo {
  const { id, createdAt, ttlMs, usedAt, affinity } = entry
  const lastUsedAt = new Date(Date.now() - (performance.now() - usedAt))
  return { id, createdAt, lastUsedAt, ttlMs, affinity: affinity ?? null, data }
}
