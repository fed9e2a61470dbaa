import { type Fields, flag, list, map, optional, required, text } from "./fields.js"
import type { ValueDecoder } from "./frame-decode.js"
import type { JsonEncoder } from "./json-encode.js"
import { maxTools } from "./limits.js"
import { type ParameterType, simpleTypes } from "./parameter-type.js"
import { isReservedName, isToolName, type ParameterSpec, type ToolSpec } from "./tools.js"
import { ProtocolViolation, show } from "./violation.js"

/** Levels of types in types that are read; what is deeper is `any`. */
const maxTypeDepth = 16

/**
 * The tools of a hello. A tool that leaves out its parameters takes any.
 * @throws {ProtocolViolation} on too many tools, a name that is taken or not allowed, and malformed declarations.
 */
export function readTools(tools: readonly unknown[], values: ValueDecoder): readonly ToolSpec[] {
  if (tools.length > maxTools)
    throw new ProtocolViolation(`hello declares ${tools.length} tools; ${maxTools} may be`)
  const names = new Set<string>()
  return tools.map((entry, index) => {
    const owner = `tools[${index}]`
    if (!map.is(entry)) throw new ProtocolViolation(`${owner} must be a map; it is ${show(entry)}`)
    const tool = readTool(owner, entry, values)
    if (names.has(tool.name)) throw new ProtocolViolation(`hello declares the tool ${show(tool.name)} twice`)
    names.add(tool.name)
    return tool
  })
}

/** The tools as fields of a hello. */
export function writeTools(tools: readonly ToolSpec[], values: JsonEncoder): readonly Fields[] {
  return tools.map((tool) => ({
    ...tool,
    parameters: tool.parameters.map((parameter) => ({
      ...parameter,
      type: writeType(parameter.type, values),
      ...("default" in parameter ? { default: values.encode(parameter.default, "default") } : {}),
    })),
  }))
}

function readTool(owner: string, fields: Fields, values: ValueDecoder): ToolSpec {
  const name = required(owner, fields, "name", text)
  if (!isToolName(name)) {
    throw new ProtocolViolation(
      `${show(name)} is not a tool name: letters, digits, "_", "." and "-", at most 64`,
    )
  }
  if (isReservedName(name))
    throw new ProtocolViolation(`${show(name)} cannot be declared: such names belong to the protocol`)
  const parameters = optional(owner, fields, "parameters", list)
  return {
    name,
    description: optional(owner, fields, "description", text) ?? "",
    streaming: optional(owner, fields, "streaming", flag) ?? false,
    extra: optional(owner, fields, "extra", flag) ?? parameters === undefined,
    parameters: (parameters ?? []).map((entry, index) =>
      readParameter(`${name}.parameters[${index}]`, entry, values),
    ),
  }
}

function readParameter(owner: string, entry: unknown, values: ValueDecoder): ParameterSpec {
  if (!map.is(entry)) throw new ProtocolViolation(`${owner} must be a map; it is ${show(entry)}`)
  const parameter = {
    name: required(owner, entry, "name", text),
    type: readType(entry.type, values, 0),
    required: optional(owner, entry, "required", flag) ?? false,
  }
  return entry.default === undefined
    ? parameter
    : { ...parameter, default: values.decode(entry.default, owner) }
}

/** An unknown type is `any`, so that a later version may add some. */
function readType(type: unknown, values: ValueDecoder, depth: number): ParameterType {
  if (typeof type === "string") return simpleTypes.find((known) => known === type) ?? "any"
  if (!map.is(type) || depth >= maxTypeDepth) return "any"
  const inner = (value: unknown): ParameterType => readType(value, values, depth + 1)
  if (Array.isArray(type.anyOf)) return { anyOf: type.anyOf.map(inner) }
  if (Array.isArray(type.literal))
    return { literal: type.literal.map((value) => values.decode(value, "literal")) }
  if (type.array !== undefined) return { array: inner(type.array) }
  if (type.object !== undefined) return { object: inner(type.object) }
  return "any"
}

function writeType(type: ParameterType, values: JsonEncoder): unknown {
  if (typeof type === "string") return type
  if ("anyOf" in type) return { anyOf: type.anyOf.map((inner) => writeType(inner, values)) }
  if ("literal" in type) return { literal: type.literal.map((value) => values.encode(value, "literal")) }
  if ("array" in type) return { array: writeType(type.array, values) }
  return { object: writeType(type.object, values) }
}
