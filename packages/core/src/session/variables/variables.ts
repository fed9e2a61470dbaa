import { UnknownVariable, VariableQuotaExceeded } from "../../errors/session-errors.js"
import type { Changes, Current, SessionBackend, Values } from "../backend.js"
import type { InTurn } from "../turns.js"
import { checkName, type Draft, declaredIn, readDraft } from "./draft.js"
import { readValue } from "./kinds.js"
import { refusalOf } from "./refusal.js"
import type { Declaration, ExportedVariables, Variable } from "./types.js"
import { type Watch, Watches, type Write } from "./watches.js"

type Updates = ReadonlyMap<string, unknown>

/** The variables of all sessions. Every method may reject with {UnknownSession}. */
export class Variables {
  readonly #backend: SessionBackend
  readonly #limit: number
  readonly #inTurn: InTurn
  readonly #watches = new Watches()

  constructor(backend: SessionBackend, limit: number, inTurn: InTurn) {
    this.#backend = backend
    this.#limit = limit
    this.#inTurn = inTurn
  }

  /** Watches that have not ended. */
  get watches(): number {
    return this.#watches.size
  }

  /**
   * Makes variables, or makes them anew: all or none.
   * @throws {InvalidVariable}, {VariableQuotaExceeded}
   */
  async register(session: string, declarations: readonly Declaration[]): Promise<Variable[]> {
    const drafts = new Map(declarations.map(readDraft).map((draft) => [draft.name, draft]))
    return this.#write(session, [...drafts.keys()], ({ values, size }) => {
      const added = [...drafts.keys()].filter((name) => !values.has(name)).length
      if (size + added > this.#limit) throw quotaExceeded(this.#limit)
      return [...drafts.values()].map((draft) => written(draft, stored(values, draft.name)))
    })
  }

  /** In the order of the names. @throws {UnknownVariable} */
  async get(session: string, names: readonly string[]): Promise<Variable[]> {
    for (const name of names) checkName(name)
    const values = await this.#inTurn(session, () => this.#backend.get(scopeOf(session), names))
    return [...new Set(names)].map((name) => existing(values, name))
  }

  /** All or none. @throws {UnknownVariable}, {InvalidVariable} */
  async update(session: string, updates: Updates): Promise<Variable[]> {
    const names = [...updates.keys()]
    for (const name of names) checkName(name)
    return this.#write(session, names, ({ values }) =>
      names.map((name) => {
        const old = existing(values, name)
        const value = readValue(old.type, updates.get(name), old.constraints, refusalOf(name))
        return written({ ...old, value } as Draft, old)
      }),
    )
  }

  /** In alphabetical order. */
  async list(session: string): Promise<Variable[]> {
    const values = await this.#inTurn(session, () => this.#backend.entries(scopeOf(session)))
    return [...values.keys()].sort().map((name) => existing(values, name))
  }

  /** @returns how many of them there were. */
  async delete(session: string, names: readonly string[]): Promise<number> {
    for (const name of names) checkName(name)
    const scope = scopeOf(session)
    return this.#inTurn(session, async () => {
      let gone: Variable[] = []
      await this.#backend.update(scope, names, ({ values }) => {
        gone = [...values.keys()].map((name) => existing(values, name))
        return new Map(gone.map(({ name }) => [name, undefined]))
      })
      const writes = gone.map(({ name, version }) => ({ name, version, value: undefined }))
      this.#watches.tell(
        session,
        writes.map((write) => ({ ...write, deleted: true, created: false })),
      )
      return gone.length
    })
  }

  async export(session: string): Promise<ExportedVariables> {
    const variables = await this.list(session)
    return {
      version: 1,
      variables: variables.map(({ name, type, value, constraints }) => ({ name, type, value, constraints })),
    }
  }

  /** Registers what was exported: all or none. @throws {InvalidVariable}, {VariableQuotaExceeded} */
  async import(session: string, exported: unknown): Promise<void> {
    await this.register(session, declaredIn(exported))
  }

  /** @param names of the variables to watch, whether there are such already; `undefined`: all. */
  watch(session: string, names: readonly string[] | undefined, signal: AbortSignal | undefined): Watch {
    for (const name of names ?? []) checkName(name)
    return this.#watches.open(session, names, signal)
  }

  endWatches(session: string): void {
    this.#watches.end(session)
  }

  /** Forgets the variables of a session. */
  clear(session: string): Promise<void> {
    return this.#backend.clear(scopeOf(session))
  }

  /** Within the turn watches are told, too, so that they hear of writes in the order these were made. */
  #write(
    session: string,
    names: readonly string[],
    change: (current: Current) => readonly Variable[],
  ): Promise<Variable[]> {
    return this.#inTurn(session, async () => {
      const changes = await this.#backend.update(
        scopeOf(session),
        names,
        (current) => new Map(change(current).map((variable) => [variable.name, variable])),
      )
      const variables = names.map((name) => existing(changes, name))
      this.#watches.tell(session, variables.map(writeOf))
      return variables
    })
  }
}

function scopeOf(session: string): string {
  return `variables/${session}`
}

function written(draft: Draft, old: Variable | undefined): Variable {
  return { ...draft, version: (old?.version ?? 0) + 1, updatedAt: new Date() }
}

/** A backend gives back what it was given. */
function stored(values: Values | Changes, name: string): Variable | undefined {
  return values.get(name) as Variable | undefined
}

function existing(values: Values | Changes, name: string): Variable {
  const variable = stored(values, name)
  if (variable !== undefined) return variable
  const message = `the session has no variable ${JSON.stringify(name)}; register it first`
  throw new UnknownVariable({ message, variable: name })
}

function writeOf({ name, value, version }: Variable): Write {
  return { name, value, version, deleted: false, created: version === 1 }
}

function quotaExceeded(limit: number): VariableQuotaExceeded {
  const message = `the session may have ${limit} variables, as sessions.maxVariables says; delete one, or update one`
  return new VariableQuotaExceeded({ message, limit })
}
