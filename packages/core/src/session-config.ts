import { type DurationInput, toMillis } from "./client/call-options.js"
import { checkKeys, integer, type KnownKeys, mustBe } from "./config-checks.js"
import { type Affinity, affinities } from "./pool/dispatch/bindings.js"
import type { SessionBackend } from "./session/backend.js"
import { MemoryBackend } from "./session/memory-backend.js"

export interface SessionsConfig {
  /** How long a session lives after its last use. Default 1 hour. */
  readonly ttl?: DurationInput
  /** How often sessions that have expired are ended. Default 60 s. */
  readonly cleanupInterval?: DurationInput
  /** Sessions at a time. Default 10,000. One more fails with `SessionQuotaExceeded`. */
  readonly max?: number
  /** Variables of a session. Default 1,000. */
  readonly maxVariables?: number
  /** Programs of a session. Default 200. */
  readonly maxPrograms?: number
  /** Programs of no session. Default 10,000. */
  readonly maxGlobalPrograms?: number
  /** Where the contents of sessions are kept. Default: in memory. */
  readonly backend?: SessionBackend
}

export interface ResolvedSessions {
  readonly ttlMs: number
  readonly cleanupIntervalMs: number
  readonly max: number
  readonly maxVariables: number
  readonly maxPrograms: number
  readonly maxGlobalPrograms: number
  readonly backend: SessionBackend
}

const sessionKeys: KnownKeys<SessionsConfig> = {
  ttl: true,
  cleanupInterval: true,
  max: true,
  maxVariables: true,
  maxPrograms: true,
  maxGlobalPrograms: true,
  backend: true,
}

/** No program needs more, and no table of them grows beyond it. */
const most = 10_000_000

/** Fills in defaults. @throws {InvalidConfig} naming the key that is wrong. */
export function resolveSessions(config: SessionsConfig): ResolvedSessions {
  checkKeys(config, sessionKeys, "sessions")
  const { backend = new MemoryBackend() } = config
  if (typeof backend?.update !== "function")
    throw mustBe("sessions.backend", "a SessionBackend, with get, entries, update and clear", backend)
  return {
    ttlMs: toMillis(config.ttl ?? 3_600_000, "sessions.ttl"),
    cleanupIntervalMs: toMillis(config.cleanupInterval ?? 60_000, "sessions.cleanupInterval"),
    max: integer(config.max ?? 10_000, "sessions.max", 1, most),
    maxVariables: integer(config.maxVariables ?? 1000, "sessions.maxVariables", 0, most),
    maxPrograms: integer(config.maxPrograms ?? 200, "sessions.maxPrograms", 0, most),
    maxGlobalPrograms: integer(config.maxGlobalPrograms ?? 10_000, "sessions.maxGlobalPrograms", 0, most),
    backend,
  }
}

/** @throws {InvalidConfig} naming the key. */
export function checkAffinity(affinity: Affinity, key: string): void {
  if (!affinities.includes(affinity))
    throw mustBe(key, affinities.map((name) => `"${name}"`).join(" or "), affinity)
}
