import { SessionQuotaExceeded } from "../errors/errors.js"
import type { Affinity } from "../pool/bindings.js"
import { longestDelayMs } from "../process/timer.js"

/** Why a session ended. */
export type SessionEnd = "closed" | "expired"

/** A session as the host knows it. */
export interface SessionEntry {
  readonly id: string
  readonly createdAt: Date
  /** How long it lives after its last use, in milliseconds. */
  ttlMs: number
  /** When it was used last, on the clock of `performance.now`. */
  usedAt: number
  /** Default: that of the pool. */
  readonly affinity: Affinity | undefined
  onLost: OnLost | undefined
}

/** Rebuilds, by calls of the session, what the worker of a strict session had kept. */
export type OnLost = (pool: string, workerId: string) => unknown

/** What a session is made with. */
export interface SessionGiven {
  readonly ttlMs?: number | undefined
  readonly affinity?: Affinity | undefined
  readonly onLost?: OnLost | undefined
}

export interface SessionTableOptions {
  /** Of sessions that say nothing else. */
  readonly ttlMs: number
  readonly cleanupIntervalMs: number
  readonly max: number
  /** Sessions that are at work now; they do not expire. */
  busy(): ReadonlySet<string>
  onCreated(entry: SessionEntry): void
  onEnded(entry: SessionEntry, reason: SessionEnd): void
}

export interface SessionTableStats {
  /** Sessions that live now. */
  readonly sessions: number
  readonly max: number
  readonly created: number
  readonly expired: number
  readonly closed: number
}

/** The sessions that live: made by their first use, ended by `end` or when nobody has used them for their time to live. */
export class SessionTable {
  readonly #options: SessionTableOptions
  readonly #entries = new Map<string, SessionEntry>()
  readonly #ended = { closed: 0, expired: 0 }
  #created = 0
  #timer: NodeJS.Timeout | undefined

  constructor(options: SessionTableOptions) {
    this.#options = options
  }

  /** The session, if it lives. Looking is no use. */
  get(id: string): SessionEntry | undefined {
    const entry = this.#entries.get(id)
    return entry !== undefined && this.#expires(entry) ? undefined : entry
  }

  /** The session, made if need be; it has been used now. @throws {SessionQuotaExceeded} */
  use(id: string, given: SessionGiven = {}): SessionEntry {
    const entry = this.get(id)
    if (entry === undefined) return this.#create(id, given)
    entry.usedAt = performance.now()
    if (given.ttlMs !== undefined) entry.ttlMs = given.ttlMs
    if (given.onLost !== undefined) entry.onLost = given.onLost
    return entry
  }

  /** @returns whether there was such a session. */
  end(id: string, reason: SessionEnd = "closed"): boolean {
    const entry = this.#entries.get(id)
    if (entry === undefined) return false
    this.#entries.delete(id)
    this.#ended[reason] += 1
    if (this.#entries.size === 0) this.#stopTimer()
    this.#options.onEnded(entry, reason)
    return true
  }

  list(): string[] {
    return [...this.#entries.values()].filter((entry) => !this.#isOver(entry)).map(({ id }) => id)
  }

  /** Ends what has expired. @returns how many that were. */
  sweep(): number {
    const busy = this.#options.busy()
    const over = [...this.#entries.values()].filter((entry) => this.#isOver(entry))
    const expired = over.filter(({ id }) => !busy.has(id))
    for (const id of busy) this.#touch(id)
    for (const { id } of expired) this.end(id, "expired")
    return expired.length
  }

  stats(): SessionTableStats {
    return {
      sessions: this.#entries.size,
      max: this.#options.max,
      created: this.#created,
      ...this.#ended,
    }
  }

  /** Nothing expires any more. */
  close(): void {
    this.#stopTimer()
  }

  #create(id: string, given: SessionGiven): SessionEntry {
    const { max, ttlMs } = this.#options
    if (this.#entries.size >= max) this.sweep()
    if (this.#entries.size >= max) throw quotaExceeded(max)
    const entry: SessionEntry = {
      id,
      createdAt: new Date(),
      ttlMs: given.ttlMs ?? ttlMs,
      usedAt: performance.now(),
      affinity: given.affinity,
      onLost: given.onLost,
    }
    this.#entries.set(id, entry)
    this.#created += 1
    this.#startTimer()
    this.#options.onCreated(entry)
    return entry
  }

  /** Whether its time is over; if so, it has ended now. */
  #expires(entry: SessionEntry): boolean {
    if (!this.#isOver(entry)) return false
    if (this.#options.busy().has(entry.id)) {
      this.#touch(entry.id)
      return false
    }
    return this.end(entry.id, "expired")
  }

  #isOver(entry: SessionEntry): boolean {
    return performance.now() - entry.usedAt >= entry.ttlMs
  }

  #touch(id: string): void {
    const entry = this.#entries.get(id)
    if (entry !== undefined) entry.usedAt = performance.now()
  }

  #startTimer(): void {
    const { cleanupIntervalMs } = this.#options
    if (this.#timer !== undefined || !Number.isFinite(cleanupIntervalMs)) return
    this.#timer = setInterval(() => this.sweep(), Math.min(cleanupIntervalMs, longestDelayMs))
    this.#timer.unref()
  }

  #stopTimer(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }
}

function quotaExceeded(limit: number): SessionQuotaExceeded {
  const message = `there are ${limit} sessions already (sessions.max); close one, or give them a shorter ttl`
  return new SessionQuotaExceeded({ message, limit })
}
