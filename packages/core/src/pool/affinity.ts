/** Sessions remembered per pool; the least recently used one is forgotten first. */
const maxSessions = 10_000

/** Which worker served a session last. Only a hint: a call never waits for it. */
export class Affinity<W> {
  readonly #workers = new Map<string, W>()

  get(session: string): W | undefined {
    return this.#workers.get(session)
  }

  remember(session: string, worker: W): void {
    this.#workers.delete(session)
    this.#workers.set(session, worker)
    if (this.#workers.size <= maxSessions) return
    const oldest = this.#workers.keys().next()
    if (oldest.done !== true) this.#workers.delete(oldest.value)
  }

  forgetSession(session: string): void {
    this.#workers.delete(session)
  }

  forgetWorker(worker: W): void {
    for (const [session, candidate] of this.#workers) if (candidate === worker) this.#workers.delete(session)
  }
}
