import { randomUUID } from "node:crypto"
import type { Args } from "./adapter/adapter.js"
import type { SessionCallOptions } from "./client/call-options.js"
import { map } from "./protocol/fields.js"
import type { ToolValue } from "./protocol/values.js"
import type { SessionContents } from "./session/contents.js"
import type { Programs } from "./session/programs.js"
import type {
  ExportedVariables,
  Variable,
  VariableChange,
  VariableConstraints,
  VariableInput,
  VariableType,
} from "./session/variables/types.js"
import type { Variables } from "./session/variables/variables.js"

/** The constraints of a variable: a choice cannot be without. */
type ConstraintsArgument<T extends VariableType> = T extends "choice"
  ? [constraints: VariableConstraints<T>]
  : [constraints?: VariableConstraints<T>]

/** Names with what to write to them. */
export type VariableUpdates = { readonly [name: string]: VariableInput }

/**
 * Named values of one session, with types and constraints that hold for whoever writes: TypeScript, or a tool
 * (`ctx["x"]` in Python). Values are kept as they are handed over, arrays and typed arrays too: do not change them.
 * Every method rejects with `UnknownSession` when the session was closed.
 */
export class SessionVariables {
  readonly #variables: Variables
  readonly #session: string
  readonly #touch: () => void

  /** @internal @param touch prepares the session for use; throws when it cannot be used. */
  constructor({ variables }: SessionContents, session: string, touch: () => void) {
    this.#variables = variables
    this.#session = session
    this.#touch = touch
  }

  /**
   * Makes a variable, or makes it anew: its type, value and constraints are replaced.
   *
   * ```ts
   * await session.variables.register("temperature", "float", 0.7, { min: 0, max: 1 })
   * ```
   *
   * @param name text of 1 to 256 bytes.
   * @throws {InvalidVariable} which says what is allowed, {VariableQuotaExceeded}
   */
  async register<T extends VariableType>(
    name: string,
    type: T,
    value: VariableInput<T>,
    ...[constraints]: ConstraintsArgument<T>
  ): Promise<Variable<T>> {
    this.#touch()
    return one<T>(await this.#variables.register(this.#session, [{ name, type, value, constraints }]))
  }

  /** The type parameter is the type you expect the variable to have; it is not checked. @throws {UnknownVariable} */
  async get<T extends VariableType = VariableType>(name: string): Promise<Variable<T>> {
    this.#touch()
    return one<T>(await this.#variables.get(this.#session, [name]))
  }

  /** Writes a value. @throws {UnknownVariable}, {InvalidVariable} */
  async update<T extends VariableType = VariableType>(
    name: string,
    value: VariableInput<T>,
  ): Promise<Variable<T>> {
    this.#touch()
    return one<T>(await this.#variables.update(this.#session, new Map([[name, value]])))
  }

  /** All of them, in alphabetical order. */
  async list(): Promise<Variable[]> {
    this.#touch()
    return this.#variables.list(this.#session)
  }

  /** @returns whether there was such a variable. */
  async delete(name: string): Promise<boolean> {
    this.#touch()
    return (await this.#variables.delete(this.#session, [name])) > 0
  }

  /** Several variables as they are at one moment, by name. @throws {UnknownVariable} when one is missing. */
  async getMany<const N extends string>(names: readonly N[]): Promise<{ readonly [K in N]: Variable }> {
    this.#touch()
    return byName<N>(await this.#variables.get(this.#session, names))
  }

  /** Writes several values at once: all, or none when one is refused. @throws {UnknownVariable}, {InvalidVariable} */
  async updateMany<const U extends VariableUpdates>(
    updates: U,
  ): Promise<{ readonly [K in keyof U]: Variable }> {
    this.#touch()
    return byName<keyof U>(await this.#variables.update(this.#session, new Map(Object.entries(updates))))
  }

  /** All variables without their history, to be kept elsewhere. */
  async export(): Promise<ExportedVariables> {
    this.#touch()
    return this.#variables.export(this.#session)
  }

  /**
   * Registers what was exported: all of it, or nothing. Other variables stay.
   * @throws {InvalidVariable}, {VariableQuotaExceeded}, {InvalidParameter} for what is no export
   */
  async import(exported: ExportedVariables): Promise<void> {
    this.#touch()
    return this.#variables.import(this.#session, exported)
  }

  /**
   * The changes from now on, whoever makes them through this program. A consumer that is slow gets the newest state of
   * a variable and not each step, so no more wait than there are variables. Ends with the session, with the signal, and
   * when the loop is left; until then it costs a little memory, read or not.
   *
   * @param names of the variables to watch, whether there are such already or not. Default: all.
   * @throws {UnknownSession} at once
   */
  watch(
    names?: readonly string[],
    options: { readonly signal?: AbortSignal } = {},
  ): AsyncIterableIterator<VariableChange, undefined> {
    this.#touch()
    return this.#variables.watch(this.#session, names, options.signal)
  }
}

function one<T extends VariableType>([variable]: readonly Variable[]): Variable<T> {
  return variable as Variable<T>
}

function byName<N extends PropertyKey>(variables: readonly Variable[]): { readonly [K in N]: Variable } {
  const entries = variables.map((variable) => [variable.name, variable] as const)
  return Object.fromEntries(entries) as { [K in N]: Variable }
}

/** A program: anything that can travel, in whatever form your tools understand. */
export type Program = ToolValue

/** Programs by id, of one owner. */
class StoredPrograms {
  readonly #programs: Programs
  readonly #owner: string | null
  readonly #touch: () => void

  /** @internal */
  constructor({ programs }: SessionContents, owner: string | null, touch: () => void) {
    this.#programs = programs
    this.#owner = owner
    this.#touch = touch
  }

  /** Keeps a program, instead of one of the same id. @throws {ProgramQuotaExceeded}, {InvalidParameter} */
  async store(id: string, program: unknown): Promise<void> {
    this.#touch()
    await this.#programs.store(this.#owner, id, program)
  }

  /** The type parameter is what you expect the program to be; it is not checked. @throws {UnknownProgram} */
  async get<T = Program>(id: string): Promise<T> {
    this.#touch()
    return (await this.#programs.get(this.#owner, id)) as T
  }

  /** The ids, in alphabetical order. */
  async list(): Promise<string[]> {
    this.#touch()
    return this.#programs.list(this.#owner)
  }

  /** @returns whether there was such a program. */
  async delete(id: string): Promise<boolean> {
    this.#touch()
    return this.#programs.delete(this.#owner, id)
  }
}

/** Programs of no session, for all that runs in this `Snakepit`. */
export class GlobalPrograms extends StoredPrograms {
  /** @internal */
  constructor(contents: SessionContents) {
    super(contents, null, () => {})
  }
}

type Execute = (tool: string, args: Args, options: SessionCallOptions) => Promise<unknown>

/** Programs of one session. Every method rejects with `UnknownSession` when the session was closed. */
export class SessionPrograms extends StoredPrograms {
  readonly #execute: Execute

  /** @internal @param touch prepares the session for use; throws when it cannot be used. @param execute in it */
  constructor(contents: SessionContents, session: string, touch: () => void, execute: Execute) {
    super(contents, session, touch)
    this.#execute = execute
  }

  /**
   * Has the tool `create_program` make a program of these arguments, in this session, and keeps both the arguments and
   * what the tool answered.
   * @returns what is kept, with `program_id`: the tool's own, or one that is made.
   * @throws {CallError}, {ProgramQuotaExceeded}
   */
  async create(args: Args = {}, options: SessionCallOptions = {}): Promise<CreatedProgram> {
    const response = await this.#execute("create_program", args, options)
    const answered = map.is(response) ? response : { response }
    const id = typeof answered.program_id === "string" ? answered.program_id : randomUUID()
    const program = { ...args, ...answered, program_id: id }
    await this.store(id, program)
    return program
  }

  /**
   * Has the tool `execute_program` run a program that is kept here. It gets `program_id`, `program` and `input`.
   * @throws {UnknownProgram} before any worker is contacted, {CallError}
   */
  async execute<T = unknown>(
    programId: string,
    input: unknown,
    options: SessionCallOptions = {},
  ): Promise<T> {
    const args = { program_id: programId, program: await this.get(programId), input }
    return (await this.#execute("execute_program", args, options)) as T
  }
}

/** What was asked for, what the tool answered, and the program's id. */
export interface CreatedProgram {
  readonly program_id: string
  readonly [field: string]: unknown
}
