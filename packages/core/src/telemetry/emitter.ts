import type { EventMap, EventName } from "./events.js"

/** An event as listeners get it. */
export type SnakepitEvent<N extends EventName> = EventMap[N] & { readonly name: N }

export type Listener<N extends EventName> = (event: SnakepitEvent<N>) => void

type Listeners = { [N in EventName]?: Set<Listener<N>> }

/** Delivers events to listeners, synchronously and in order of registration. A listener that throws harms nobody else. */
export class Emitter {
  readonly #listeners: Listeners = {}
  readonly #onListenerError: (error: unknown) => void

  constructor(onListenerError: (error: unknown) => void = reportLater) {
    this.#onListenerError = onListenerError
  }

  /** @returns a function that removes the listener. */
  on<N extends EventName>(name: N, listener: Listener<N>): () => void {
    const existing: Set<Listener<N>> | undefined = this.#listeners[name]
    const set = existing ?? new Set<Listener<N>>()
    if (existing === undefined) Object.assign(this.#listeners, { [name]: set })
    set.add(listener)
    return () => {
      set.delete(listener)
    }
  }

  /** The next event of a kind. Rejects with the reason of `signal` when that is aborted first. */
  next<N extends EventName>(name: N, signal: AbortSignal): Promise<SnakepitEvent<N>> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason)
      const remove = this.on(name, (event) => {
        remove()
        signal.removeEventListener("abort", abort)
        resolve(event)
      })
      const abort = (): void => {
        remove()
        reject(signal.reason)
      }
      signal.addEventListener("abort", abort, { once: true })
    })
  }

  /** Lets the hot path skip building an event that nobody wants. */
  wants(name: EventName): boolean {
    const set = this.#listeners[name]
    return set !== undefined && set.size > 0
  }

  emit<N extends EventName>(
    name: N,
    measurements: EventMap[N]["measurements"],
    metadata: EventMap[N]["metadata"],
  ): void {
    const set: Set<Listener<N>> | undefined = this.#listeners[name]
    if (set === undefined) return
    const event = { name, measurements, metadata } as SnakepitEvent<N>
    for (const listener of set) {
      try {
        listener(event)
      } catch (error) {
        this.#onListenerError(error)
      }
    }
  }
}

/** A broken listener shows up as an uncaught error of its own, outside of whatever emitted the event. */
function reportLater(error: unknown): void {
  queueMicrotask(() => {
    throw error
  })
}
