import { InvalidConfig } from "../errors/errors.js"
import { map } from "../protocol/fields.js"
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
        ({ values }) => new Map([[key, copy(checkData(change(asData(values.get(key)))))]]),
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
  return map.is(value) ? copy(value) : {}
}

/** Who gets the data may change it, and who gave it may go on to do so: neither is to change what is kept. */
function copy<T>(value: T): T
function copy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copy)
  if (!map.is(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, copy(item)]))
}

/** @throws {InvalidConfig} when a worker could not be told of it. */
export function checkData(data: SessionData): SessionData {
  const isObject = typeof data === "object" && data !== null && !Array.isArray(data)
  const reason = isObject ? unkeepable(data, "data") : `must be an object, not ${show(data)}`
  if (reason === undefined) return data
  throw new InvalidConfig({ message: `the data of a session: ${reason}`, key: "data" })
}
