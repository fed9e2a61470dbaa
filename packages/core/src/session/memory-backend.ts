import type { Changes, Current, SessionBackend, Values } from "./backend.js"

/** Keeps contents in this process. */
export class MemoryBackend implements SessionBackend {
  readonly #scopes = new Map<string, Map<string, unknown>>()

  /** Scopes that have a key. */
  get size(): number {
    return this.#scopes.size
  }

  async get(scope: string, keys: readonly string[]): Promise<Values> {
    return pick(this.#scopes.get(scope), keys)
  }

  async entries(scope: string): Promise<Values> {
    return new Map(this.#scopes.get(scope))
  }

  async update(
    scope: string,
    keys: readonly string[],
    change: (current: Current) => Changes,
  ): Promise<Changes> {
    const held = this.#scopes.get(scope) ?? new Map<string, unknown>()
    const changes = change({ values: pick(held, keys), size: held.size })
    for (const [key, value] of changes) {
      if (value === undefined) held.delete(key)
      else held.set(key, value)
    }
    if (held.size > 0) this.#scopes.set(scope, held)
    else this.#scopes.delete(scope)
    return changes
  }

  async clear(scope: string): Promise<void> {
    this.#scopes.delete(scope)
  }
}

function pick(held: Values | undefined, keys: readonly string[]): Values {
  const picked = new Map<string, unknown>()
  for (const key of keys) if (held?.has(key)) picked.set(key, held.get(key))
  return picked
}
