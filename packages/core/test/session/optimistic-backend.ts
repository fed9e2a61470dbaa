import type { Changes, Current, SessionBackend, Values } from "../../src/session/backend.js"

interface Scope {
  readonly revision: number
  readonly values: Values
}

const empty: Scope = { revision: 0, values: new Map() }

/** Keeps contents behind a pretended network: every step takes its time, and writers who meet try again. */
export class OptimisticBackend implements SessionBackend {
  readonly #scopes = new Map<string, Scope>()
  readonly #random: () => number
  #revision = 0
  /** How often a change had to be made anew. */
  retries = 0

  constructor(seed = 1) {
    let state = seed
    this.#random = () => {
      state = (state * 48_271) % 2_147_483_647
      return state
    }
  }

  get size(): number {
    return this.#scopes.size
  }

  async get(scope: string, keys: readonly string[]): Promise<Values> {
    await this.#travel()
    const values = pick(this.#read(scope).values, keys)
    await this.#travel()
    return values
  }

  async entries(scope: string): Promise<Values> {
    await this.#travel()
    const { values } = this.#read(scope)
    await this.#travel()
    return values
  }

  async update(
    scope: string,
    keys: readonly string[],
    change: (current: Current) => Changes,
  ): Promise<Changes> {
    for (;;) {
      await this.#travel()
      const { revision, values } = this.#read(scope)
      await this.#travel()
      const changes = change({ values: pick(values, keys), size: values.size })
      await this.#travel()
      if (this.#read(scope).revision === revision) {
        const both = new Map([...values, ...changes])
        this.#write(scope, new Map([...both].filter(([, value]) => value !== undefined)))
        await this.#travel()
        return changes
      }
      this.retries += 1
    }
  }

  async clear(scope: string): Promise<void> {
    await this.#travel()
    this.#write(scope, new Map())
    await this.#travel()
  }

  #read(scope: string): Scope {
    return this.#scopes.get(scope) ?? empty
  }

  #write(scope: string, values: Values): void {
    this.#revision += 1
    if (values.size === 0) this.#scopes.delete(scope)
    else this.#scopes.set(scope, { revision: this.#revision, values })
  }

  async #travel(): Promise<void> {
    for (let steps = this.#random() % 8; steps > 0; steps -= 1) await Promise.resolve()
  }
}

function pick(values: Values, keys: readonly string[]): Values {
  return new Map(keys.filter((key) => values.has(key)).map((key) => [key, values.get(key)]))
}
