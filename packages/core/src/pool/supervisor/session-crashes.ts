/** How many workers a session may crash, and within which time in milliseconds. */
export interface CrashAllowance {
  readonly sessionCrashes: number
  readonly periodMs: number
}

/** Sessions whose crashes are remembered at a time; of more, those whose last one is the longest ago are forgotten. */
export const maxRemembered = 1000

/** Which sessions have crashed so many workers that their calls are refused. Times are those of `performance.now()`. */
export class SessionCrashes {
  readonly #allowance: CrashAllowance
  /** When each session crashed workers; who did last, comes last. */
  readonly #recent = new Map<string, readonly number[]>()
  readonly #tainted = new Map<string, number>()

  constructor(allowance: CrashAllowance) {
    this.#allowance = allowance
  }

  /** A worker crashed while it ran a call of the session. @returns whether that was one too many. */
  add(session: string, now: number): boolean {
    const { sessionCrashes, periodMs } = this.#allowance
    const times = [...(this.#recent.get(session) ?? []).filter((time) => now - time < periodMs), now]
    this.#recent.delete(session)
    if (times.length >= sessionCrashes && !this.#tainted.has(session)) {
      this.#tainted.set(session, times.length)
      return true
    }
    this.#recent.set(session, times)
    if (this.#recent.size > maxRemembered) this.#forgetOldest()
    return false
  }

  /** Workers that a session has crashed; `undefined`: its calls are welcome. */
  crashesOf(session: string): number | undefined {
    return this.#tainted.get(session)
  }

  forget(session: string): void {
    this.#recent.delete(session)
    this.#tainted.delete(session)
  }

  #forgetOldest(): void {
    const [oldest] = this.#recent.keys()
    if (oldest !== undefined) this.#recent.delete(oldest)
  }
}
