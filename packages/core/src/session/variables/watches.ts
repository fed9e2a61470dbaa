import type { VariableChange } from "./types.js"

/** What a watch hears of. */
export interface Write extends VariableChange {
  /** There was no such variable before. */
  readonly created: boolean
}

/** The watches of all sessions. */
export class Watches {
  readonly #bySession = new Map<string, Set<Watch>>()
  #size = 0

  get size(): number {
    return this.#size
  }

  open(session: string, names: readonly string[] | undefined, signal: AbortSignal | undefined): Watch {
    const watches = this.#bySession.get(session) ?? new Set()
    const watch = new Watch(names && new Set(names), signal, () => {
      if (!watches.delete(watch)) return
      this.#size -= 1
      if (watches.size === 0 && this.#bySession.get(session) === watches) this.#bySession.delete(session)
    })
    if (watch.ended) return watch
    this.#bySession.set(session, watches.add(watch))
    this.#size += 1
    return watch
  }

  tell(session: string, writes: readonly Write[]): void {
    for (const watch of this.#bySession.get(session) ?? []) for (const write of writes) watch.tell(write)
  }

  end(session: string): void {
    for (const watch of [...(this.#bySession.get(session) ?? [])]) watch.close()
  }
}

/**
 * The changes of a session's variables, for one consumer. Of a variable that changed several times since the consumer
 * looked last it gives the newest state alone, so that no more wait than there are variables.
 */
export class Watch implements AsyncIterableIterator<VariableChange> {
  readonly #names: ReadonlySet<string> | undefined
  readonly #pending = new Map<string, Write>()
  readonly #signal: AbortSignal | undefined
  readonly #onEnd: () => void
  readonly #wakers: (() => void)[] = []
  #ended = false

  constructor(names: ReadonlySet<string> | undefined, signal: AbortSignal | undefined, onEnd: () => void) {
    this.#names = names
    this.#signal = signal
    this.#onEnd = onEnd
    if (signal?.aborted === true) this.#ended = true
    else signal?.addEventListener("abort", this.#leave)
  }

  get ended(): boolean {
    return this.#ended
  }

  tell(write: Write): void {
    const { name, deleted } = write
    if (this.#names?.has(name) === false) return
    const earlier = this.#pending.get(name)
    // What came and went since the consumer looked last is nothing to it.
    if (deleted && earlier?.created === true) this.#pending.delete(name)
    else
      this.#pending.set(name, { ...write, created: earlier === undefined ? write.created : earlier.created })
    this.#wakers.shift()?.()
  }

  /** No more will come; what waits is still given. */
  close(): void {
    if (this.#ended) return
    this.#ended = true
    this.#signal?.removeEventListener("abort", this.#leave)
    this.#onEnd()
    for (const wake of this.#wakers.splice(0)) wake()
  }

  async next(): Promise<IteratorResult<VariableChange, undefined>> {
    for (;;) {
      for (const [key, { name, value, version, deleted }] of this.#pending) {
        this.#pending.delete(key)
        return { done: false, value: { name, value, version, deleted } }
      }
      if (this.#ended) return { done: true, value: undefined }
      await new Promise<void>((resolve) => this.#wakers.push(resolve))
    }
  }

  async return(): Promise<IteratorResult<VariableChange, undefined>> {
    this.#leave()
    return { done: true, value: undefined }
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  readonly #leave = (): void => {
    this.#pending.clear()
    this.close()
  }
}
