import { invalidParameter } from "../errors/errors.js"
import { ProgramQuotaExceeded, UnknownProgram } from "../errors/session-errors.js"
import type { ToolValue } from "../protocol/values.js"
import { show } from "../protocol/violation.js"
import type { SessionBackend } from "./backend.js"
import { findUnkeepable } from "./keepable.js"
import { isContentName, nameRule } from "./names.js"
import type { InTurn } from "./turns.js"

export interface ProgramLimits {
  /** Programs of one session. */
  readonly maxPrograms: number
  /** Programs of none. */
  readonly maxGlobalPrograms: number
}

const globalScope = "global-programs"

/** Programs by id: of a session, or global ones (`null`). */
export class Programs {
  readonly #backend: SessionBackend
  readonly #limits: ProgramLimits
  readonly #inTurn: InTurn

  constructor(backend: SessionBackend, limits: ProgramLimits, inTurn: InTurn) {
    this.#backend = backend
    this.#limits = limits
    this.#inTurn = inTurn
  }

  /** Replaces one of the same id. @throws {InvalidParameter}, {ProgramQuotaExceeded}, {UnknownSession} */
  async store(session: string | null, id: unknown, program: unknown): Promise<void> {
    const key = checkId(id, "store")
    checkProgram(program)
    const { maxPrograms, maxGlobalPrograms } = this.#limits
    const limit = session === null ? maxGlobalPrograms : maxPrograms
    await this.#run(session, (scope) =>
      this.#backend.update(scope, [key], ({ values, size }) => {
        if (size >= limit && !values.has(key)) throw quotaExceeded(session, limit)
        return new Map([[key, program]])
      }),
    )
  }

  /** @throws {UnknownProgram}, {UnknownSession} */
  async get(session: string | null, id: unknown): Promise<ToolValue> {
    const key = checkId(id, "get")
    const values = await this.#run(session, (scope) => this.#backend.get(scope, [key]))
    if (values.has(key)) return values.get(key) as ToolValue
    const where = session === null ? "there is no global program" : "the session has no program"
    throw new UnknownProgram({ message: `${where} ${JSON.stringify(key)}`, program: key })
  }

  /** The ids, in alphabetical order. @throws {UnknownSession} */
  async list(session: string | null): Promise<string[]> {
    const values = await this.#run(session, (scope) => this.#backend.entries(scope))
    return [...values.keys()].sort()
  }

  /** @returns whether there was such a program. @throws {UnknownSession} */
  async delete(session: string | null, id: unknown): Promise<boolean> {
    const key = checkId(id, "delete")
    const changes = await this.#run(session, (scope) =>
      this.#backend.update(
        scope,
        [key],
        ({ values }) => new Map([...values.keys()].map((had) => [had, undefined])),
      ),
    )
    return changes.size > 0
  }

  /** Forgets the programs of a session. */
  clear(session: string): Promise<void> {
    return this.#backend.clear(scopeOf(session))
  }

  #run<T>(session: string | null, job: (scope: string) => Promise<T>): Promise<T> {
    return session === null ? job(globalScope) : this.#inTurn(session, () => job(scopeOf(session)))
  }
}

function scopeOf(session: string): string {
  return `programs/${session}`
}

function checkId(id: unknown, method: string): string {
  if (isContentName(id)) return id
  throw invalidParameter(`programs.${method}`, "id", `must be ${nameRule}, not ${show(id)}`)
}

function checkProgram(program: unknown): void {
  if (program === undefined) throw invalidParameter("programs.store", "program", "is missing")
  const problem = findUnkeepable(program, "program")
  if (problem !== undefined) throw invalidParameter("programs.store", problem.path, problem.reason)
}

function quotaExceeded(session: string | null, limit: number): ProgramQuotaExceeded {
  const [owner, option] =
    session === null ? ["there are", "maxGlobalPrograms"] : ["the session has", "maxPrograms"]
  const message = `${owner} ${limit} programs, as many as sessions.${option} allows; delete one, or replace one`
  return new ProgramQuotaExceeded({ message, session, limit })
}
