import type { Adapter, Args, NamedArgs } from "../adapter/adapter.js"
import { InvalidConfig, type InvalidParameter, invalidParameter, UnknownTool } from "../errors/errors.js"
import { offerNames } from "../errors/offer-names.js"
import { formatPath } from "../protocol/invalid-value.js"
import { isBytes } from "../protocol/parameter-type.js"
import { isPlainObject } from "../protocol/plain-object.js"
import { type ArgsProblem, checkArgs, isReservedName, type ToolSpec } from "../protocol/tools.js"
import { findUnreadable } from "../protocol/unreadable.js"
import { show } from "../protocol/violation.js"
import type { BinaryArgs } from "./call-options.js"

/**
 * Refuses a call that cannot succeed, before any worker is contacted.
 * @returns the arguments to send. @throws {CallError}
 */
export function checkCall(
  adapter: Adapter,
  tools: ReadonlyMap<string, ToolSpec> | null,
  call: { readonly tool: string; readonly args: Args; readonly stream: boolean },
  binary?: BinaryArgs,
): NamedArgs {
  const { tool, stream } = call
  if (isReservedName(tool)) throw unknown(tool, supportedOf(adapter, tools))
  const { supportedCommands } = adapter
  if (supportedCommands !== undefined && !supportedCommands.includes(tool))
    throw unknown(tool, supportedCommands)
  const given = copyArgs(tool, call.args, binary)
  const args = adapter.prepareArgs === undefined ? given : prepareArgs(adapter, tool, given)
  const complaint = adapter.validateCommand?.(tool, args)
  if (complaint !== undefined) throw invalidParameter(tool, "args", complaint)
  if (tools === null) return args
  const spec = tools.get(tool)
  if (spec === undefined) throw unknown(tool, tools.keys())
  if (spec.streaming && !stream)
    throw invalidParameter(tool, "tool", "it streams its result: use stream() instead of execute()")
  const problem = findProblem(spec, args)
  if (problem !== undefined) throw invalidParameter(tool, problem.path, problem.reason)
  return args
}

function supportedOf(adapter: Adapter, tools: ReadonlyMap<string, ToolSpec> | null): Iterable<string> {
  return adapter.supportedCommands ?? tools?.keys() ?? []
}

/** Each argument is read once, here: what is checked is what is sent, however long the call waits. */
function copyArgs(tool: string, args: Args, binary: BinaryArgs | undefined): NamedArgs {
  const given = copy(tool, "args", args)
  return binary === undefined ? given : withBinary(tool, given, copy(tool, "binary", binary))
}

function copy(tool: string, root: "args" | "binary", given: NamedArgs): NamedArgs {
  if (!isNamedArgs(given))
    throw invalidParameter(tool, root, `must be an object of named arguments, not ${show(given)}`)
  try {
    return { ...given }
  } catch (error) {
    throw unreadable(tool, root, given, error)
  }
}

function withBinary(tool: string, args: NamedArgs, binary: NamedArgs): NamedArgs {
  for (const name of Object.keys(binary)) {
    const value = binary[name]
    const path = formatPath(["binary", name])
    if (Object.hasOwn(args, name) && args[name] !== undefined)
      throw invalidParameter(tool, path, "is in args, too; a name can have one value")
    if (value === undefined) continue
    if (!isBytes(value)) {
      const reason = `must be bytes (a Uint8Array, an ArrayBuffer or a DataView), not ${show(value)}`
      throw invalidParameter(tool, path, reason)
    }
  }
  return { ...args, ...binary }
}

function prepareArgs(adapter: Adapter, tool: string, given: NamedArgs): NamedArgs {
  const args = adapter.prepareArgs?.(tool, given) ?? given
  if (isNamedArgs(args)) return args
  const message = `prepareArgs of ${adapter.name} must give an object of named arguments, not ${show(args)}`
  throw new InvalidConfig({ message, key: "prepareArgs" })
}

function findProblem(spec: ToolSpec, args: NamedArgs): ArgsProblem | undefined {
  try {
    return checkArgs(spec, args)
  } catch (error) {
    throw unreadable(spec.name, "args", args, error)
  }
}

function isNamedArgs(args: unknown): args is NamedArgs {
  return typeof args === "object" && args !== null && isPlainObject(args)
}

function unreadable(tool: string, root: string, args: NamedArgs, error: unknown): InvalidParameter {
  const reason = `cannot be read: ${error instanceof Error ? error.message : show(error)}`
  return invalidParameter(tool, findUnreadable(args, root), reason)
}

function unknown(tool: string, known: Iterable<string>): UnknownTool {
  const names = [...known]
  const offer = names.length === 0 ? "; it has no tools" : offerNames(tool, names, "its tools are")
  return new UnknownTool({ message: `the worker has no tool "${tool}"${offer}`, tool })
}
