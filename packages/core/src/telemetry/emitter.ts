import type { EventMap, EventName } from "./events.js"

export type Listener<N extends EventName> = (event: EventMap[N] & { readonly name: N }) => void

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
    const event = { name, measurements, metadata } as EventMap[N] & { readonly name: N }
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
