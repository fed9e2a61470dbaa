import { LinkedList } from "../collections/linked-list.js"
import { InvalidConfig, PoolClosed, SessionQuotaExceeded } from "../errors/errors.js"
import type { PendingCall, SessionLease } from "../pool/calls/pending-call.js"
import type { Affinity } from "../pool/dispatch/bindings.js"
import { longestDelayMs } from "../process/timer.js"

/** Why a session ended. */
export type SessionEnd = "closed" | "expired"

/** Rebuilds, by calls of the session, what the worker of a strict session had kept. */
export type OnLost = (entry: SessionEntry, pool: string, workerId: string) => unknown

/** What a session is made with. */
export interface SessionGiven {
  readonly ttlMs?: number | undefined
  readonly affinity?: Affinity | undefined
  readonly onLost?: OnLost | undefined
}

/** A session as the host knows it, from its first use to its end. Another one of the same id is another entry. */
export class SessionEntry implements SessionLease {
  readonly createdAt = new Date()
  readonly calls = new LinkedList<PendingCall>()
  usedAt = performance.now()
  /** Why it ended; `undefined`: it has not. */
  end: SessionEnd | undefined

  constructor(
    readonly id: string,
    /** How long it lives after its last use, in milliseconds. */
    public ttlMs: number,
    /** Default: that of the pool. */
    public affinity: Affinity | undefined,
    public onLost: OnLost | undefined,
  ) {}

  get ended(): boolean {
    return this.end !== undefined
  }

  /** When it expires, unless it is used before. A session at work does not. */
  get expiresAt(): number {
    return this.calls.size > 0 ? Number.POSITIVE_INFINITY : this.usedAt + this.ttlMs
  }
}

export interface SessionTableOptions {
  /** Of sessions that say nothing else. */
  readonly ttlMs: number
  readonly cleanupIntervalMs: number
  readonly max: number
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
  /** No session expires before. */
  #nextExpiry = Number.POSITIVE_INFINITY
  #timer: NodeJS.Timeout | undefined
  #closed = false

  constructor(options: SessionTableOptions) {
    this.#options = options
  }

  /** The session, if it lives. Looking is no use. */
  get(id: string): SessionEntry | undefined {
    const entry = this.#entries.get(id)
    if (entry === undefined || performance.now() < entry.expiresAt) return entry
    this.#end(entry, "expired")
    return undefined
  }

  /**
   * The session, made if need be; it has been used now.
   * @throws {SessionQuotaExceeded}, {PoolClosed}, {InvalidConfig} when it has another affinity than is given
   */
  use(id: string, given: SessionGiven = {}): SessionEntry {
    const entry = this.get(id) ?? this.#create(id, given)
    entry.usedAt = performance.now()
    this.#adopt(entry, given)
    this.#nextExpiry = Math.min(this.#nextExpiry, entry.usedAt + entry.ttlMs)
    return entry
  }

  /** @returns whether there was such a session. */
  end(id: string): boolean {
    const entry = this.get(id)
    if (entry === undefined) return false
    this.#end(entry, "closed")
    return true
  }

  list(): string[] {
    const now = performance.now()
    return [...this.#entries.values()].filter((entry) => now < entry.expiresAt).map(({ id }) => id)
  }

  /** Ends what has expired. @returns how many that were. */
  sweep(): number {
    const now = performance.now()
    if (now < this.#nextExpiry) return 0
    this.#nextExpiry = Number.POSITIVE_INFINITY
    let expired = 0
    for (const entry of [...this.#entries.values()]) {
      if (now >= entry.expiresAt) {
        this.#end(entry, "expired")
        expired += 1
      } else this.#nextExpiry = Math.min(this.#nextExpiry, entry.usedAt + entry.ttlMs)
    }
    return expired
  }

  stats(): SessionTableStats {
    this.sweep()
    return { sessions: this.#entries.size, max: this.#options.max, created: this.#created, ...this.#ended }
  }

  /** Nothing is made and nothing expires any more. */
  close(): void {
    this.#closed = true
    this.#stopTimer()
  }

  #create(id: string, given: SessionGiven): SessionEntry {
    const { max, ttlMs, onCreated } = this.#options
    if (this.#closed) throw new PoolClosed({ message: "everything was closed", pool: "" })
    if (this.#entries.size >= max) this.sweep()
    if (this.#entries.size >= max) throw quotaExceeded(max)
    const entry = new SessionEntry(id, given.ttlMs ?? ttlMs, given.affinity, given.onLost)
    this.#entries.set(id, entry)
    this.#created += 1
    this.#startTimer()
    onCreated(entry)
    return entry
  }

  #adopt(entry: SessionEntry, { ttlMs, affinity, onLost }: SessionGiven): void {
    if (affinity !== undefined && affinity !== entry.affinity) throw otherAffinity(entry, affinity)
    if (ttlMs !== undefined) entry.ttlMs = ttlMs
    if (onLost !== undefined) entry.onLost = onLost
  }

  #end(entry: SessionEntry, reason: SessionEnd): void {
    entry.end = reason
    this.#entries.delete(entry.id)
    this.#ended[reason] += 1
    if (this.#entries.size === 0) this.#stopTimer()
    this.#options.onEnded(entry, reason)
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

function otherAffinity({ id, affinity }: SessionEntry, wanted: Affinity): InvalidConfig {
  const has = affinity === undefined ? "the affinity of its pool" : `affinity "${affinity}"`
  const message = `session ${JSON.stringify(id)} lives already, with ${has}, and cannot become "${wanted}"`
  return new InvalidConfig({ message, key: "affinity" })
}
