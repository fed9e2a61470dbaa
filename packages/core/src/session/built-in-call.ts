import { invalidParameter } from "../errors/errors.js"
import { NoSession } from "../errors/session-errors.js"
import { type Check, type Fields, flag, list, map, text } from "../protocol/fields.js"
import { show } from "../protocol/violation.js"

export type BuiltInArgs = { readonly [name: string]: unknown }

const texts: Check<readonly string[]> = {
  is: (value): value is readonly string[] => list.is(value) && value.every(text.is),
  expected: "a list of text",
}

/** A call of one of the host's own tools, whose arguments nobody has checked. */
export class BuiltInCall {
  readonly #tool: string
  readonly #session: string | undefined

  constructor(
    tool: string,
    readonly args: BuiltInArgs,
    session: string | undefined,
  ) {
    this.#tool = tool
    this.#session = session
  }

  /** @throws {NoSession} */
  get session(): string {
    if (this.#session !== undefined) return this.#session
    const message = `${this.#tool} is for calls in a session, and this call is in none`
    throw new NoSession({ message, tool: this.#tool })
  }

  texts(name: string): readonly string[] {
    return this.#read(name, texts)
  }

  map(name: string): Fields {
    return this.#read(name, map)
  }

  flag(name: string, missing = false): boolean {
    return (this.args[name] ?? null) === null ? missing : this.#read(name, flag)
  }

  #read<T>(name: string, { is, expected }: Check<T>): T {
    const value = this.args[name]
    if (is(value)) return value
    throw invalidParameter(this.#tool, `args.${name}`, `must be ${expected}, not ${show(value)}`)
  }
}
