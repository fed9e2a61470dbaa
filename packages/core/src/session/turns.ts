/** Runs a job of a session after those before it. @throws {UnknownSession} when the session has ended by then. */
export type InTurn = <T>(session: string, job: () => Promise<T>) => Promise<T>

/** Lets what concerns the same key happen one after the other, in the order it was asked for. */
export class Turns {
  readonly #last = new Map<string, Promise<unknown>>()

  /** Keys that something is under way for. */
  get size(): number {
    return this.#last.size
  }

  take<T>(key: string, job: () => Promise<T>): Promise<T> {
    const turn = (this.#last.get(key) ?? Promise.resolve()).then(job)
    const settled: Promise<void> = turn.then(
      () => this.#leave(key, settled),
      () => this.#leave(key, settled),
    )
    this.#last.set(key, settled)
    return turn
  }

  #leave(key: string, turn: Promise<unknown>): void {
    if (this.#last.get(key) === turn) this.#last.delete(key)
  }
}
