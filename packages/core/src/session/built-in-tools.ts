import { type BuiltInArgs, BuiltInCall } from "./built-in-call.js"
import type { SessionContents } from "./contents.js"
import type { Programs } from "./programs.js"
import type { Variable } from "./variables/types.js"
import type { Variables } from "./variables/variables.js"

/** A tool of the host's own. `session` is that of the call whose tool calls back, never what a frame claims. */
export type BuiltInTool = (args: BuiltInArgs, session: string | undefined) => Promise<unknown>

type Tools = { readonly [name: string]: (call: BuiltInCall) => Promise<unknown> }

/** The host's tools for what sessions hold, by name. They reject with {SessionError} or {InvalidParameter}. */
export function builtInTools({ variables, programs }: SessionContents): ReadonlyMap<string, BuiltInTool> {
  const tools: Tools = { ...variableTools(variables), ...programTools(programs) }
  return new Map(
    Object.entries(tools).map(([name, run]) => [
      name,
      async (args, session) => run(new BuiltInCall(name, args, session)),
    ]),
  )
}

function variableTools(variables: Variables): Tools {
  return {
    "snakepit.variables.register": async (call) => {
      const { name, type, value, constraints } = call.args
      const made = await variables.register(call.session, [{ name, type, value, constraints }])
      return made.map(withoutValue)[0]
    },
    "snakepit.variables.get": async (call) => {
      const found = await variables.get(call.session, call.texts("names"))
      return byName(found, call.flag("values", true) ? toWire : withoutValue)
    },
    "snakepit.variables.update": async (call) => {
      const updates = new Map(Object.entries(call.map("updates")))
      return byName(await variables.update(call.session, updates), withoutValue)
    },
    "snakepit.variables.list": async (call) => (await variables.list(call.session)).map(toWire),
    "snakepit.variables.delete": (call) => variables.delete(call.session, call.texts("names")),
  }
}

function programTools(programs: Programs): Tools {
  return {
    "snakepit.programs.store": (call) => programs.store(ownerOf(call), call.args.id, call.args.program),
    "snakepit.programs.get": (call) => programs.get(ownerOf(call), call.args.id),
    "snakepit.programs.list": (call) => programs.list(ownerOf(call)),
    "snakepit.programs.delete": (call) => programs.delete(ownerOf(call), call.args.id),
  }
}

function ownerOf(call: BuiltInCall): string | null {
  return call.flag("global") ? null : call.session
}

function toWire({ updatedAt, ...variable }: Variable): object {
  return { ...variable, updated_at: updatedAt }
}

/** Who writes a value has it already, and it may be large. */
function withoutValue({ value: _, ...variable }: Variable): object {
  const { updatedAt, ...rest } = variable
  return { ...rest, updated_at: updatedAt }
}

function byName(variables: readonly Variable[], describe: (variable: Variable) => object): object {
  return Object.fromEntries(variables.map((variable) => [variable.name, describe(variable)]))
}
