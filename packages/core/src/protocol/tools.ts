import { formatPath } from "./invalid-value.js"
import { type ArgsProblem, findMismatch, type ParameterType } from "./parameter-type.js"

export type { ArgsProblem, ParameterType } from "./parameter-type.js"

export interface ParameterSpec {
  readonly name: string
  readonly type: ParameterType
  readonly required: boolean
  readonly default?: unknown
}

/** A tool as its worker declares it. */
export interface ToolSpec {
  readonly name: string
  readonly description: string
  readonly streaming: boolean
  /** Undeclared parameters are welcome. */
  readonly extra: boolean
  readonly parameters: readonly ParameterSpec[]
}

/** Whether a tool may have this name (PROTOCOL.md, section 1). */
export function isToolName(name: string): boolean {
  return name.length <= 64 && /^[A-Za-z0-9][A-Za-z0-9_.-]*$/.test(name)
}

/** Whether a tool of this name belongs to the protocol: nobody may register or declare one. */
export function isReservedName(name: string): boolean {
  return name.startsWith("snakepit.")
}

/** Checks arguments against a tool's declaration. An argument that is `undefined` counts as left out. */
export function checkArgs(
  tool: ToolSpec,
  args: { readonly [name: string]: unknown },
): ArgsProblem | undefined {
  for (const { name, type, required } of tool.parameters) {
    const value = Object.hasOwn(args, name) ? args[name] : undefined
    if (value === undefined) {
      if (required) return { path: formatPath(["args", name]), reason: "is required" }
      continue
    }
    const problem = findMismatch(type, value, ["args", name])
    if (problem !== undefined) return problem
  }
  return tool.extra ? undefined : findUndeclared(tool, args)
}

function findUndeclared(tool: ToolSpec, args: { readonly [name: string]: unknown }): ArgsProblem | undefined {
  for (const name of Object.keys(args)) {
    if (args[name] === undefined || tool.parameters.some((parameter) => parameter.name === name)) continue
    const names = tool.parameters.map((parameter) => parameter.name).join(", ")
    const known = names === "" ? "it takes none" : `its parameters are ${names}`
    return { path: formatPath(["args", name]), reason: `is not a parameter of ${tool.name}; ${known}` }
  }
  return undefined
}
