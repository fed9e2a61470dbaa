import { InvalidConfig } from "../errors/errors.js"
import { show } from "../protocol/violation.js"
import type { SessionBackend } from "./backend.js"
import { unkeepable } from "./keepable.js"
import type { InTurn } from "./turns.js"

/** Whatever a program wants to remember of a session. */
export type SessionData = { readonly [key: string]: unknown }

/** The one key of its scope. */
const key = "data"

/** One plain object for each session. */
export class SessionDataStore {
  readonly #backend: SessionBackend
  readonly #inTurn: InTurn

  constructor(backend: SessionBackend, inTurn: InTurn) {
    this.#backend = backend
    this.#inTurn = inTurn
  }

  /** `{}` for a session that was given none. @throws {UnknownSession} */
  async get(session: string): Promise<SessionData> {
    const values = await this.#inTurn(session, () => this.#backend.get(scopeOf(session), [key]))
    return asData(values.get(key))
  }

  /** Replaces it by what `change` makes of it; nobody else changes it meanwhile. @throws {UnknownSession}, {InvalidConfig} */
  async update(session: string, change: (data: SessionData) => SessionData): Promise<SessionData> {
    const changes = await this.#inTurn(session, () =>
      this.#backend.update(
        scopeOf(session),
        [key],
        ({ values }) => new Map([[key, checkData(change(asData(values.get(key))))]]),
      ),
    )
    return asData(changes.get(key))
  }

  clear(session: string): Promise<void> {
    return this.#backend.clear(scopeOf(session))
  }
}

function scopeOf(session: string): string {
  return `data/${session}`
}

function asData(value: unknown): SessionData {
  return typeof value === "object" && value !== null ? { ...value } : {}
}

/** @throws {InvalidConfig} when a worker could not be told of it. */
export function checkData(data: SessionData): SessionData {
  const isObject = typeof data === "object" && data !== null && !Array.isArray(data)
  const reason = isObject ? unkeepable(data, "data") : `must be an object, not ${show(data)}`
  if (reason === undefined) return data
  throw new InvalidConfig({ message: `the data of a session: ${reason}`, key: "data" })
}
