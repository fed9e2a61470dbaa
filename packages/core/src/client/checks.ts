import type { Adapter, Args } from "../adapter/adapter.js"
import { type CallError, InvalidParameter, UnknownTool } from "../errors/errors.js"
import { checkArgs, type ToolSpec } from "../protocol/tools.js"

/** Tool names an error message lists at most. */
const listed = 20

/**
 * Refuses a call that cannot succeed, before any worker is contacted.
 * @returns the arguments to send. @throws {CallError}
 */
export function checkCall(
  adapter: Adapter,
  tools: ReadonlyMap<string, ToolSpec> | null,
  call: { readonly tool: string; readonly args: Args; readonly stream: boolean },
): Args {
  const { tool, stream } = call
  const { supportedCommands } = adapter
  if (supportedCommands !== undefined && !supportedCommands.includes(tool))
    throw unknown(tool, supportedCommands)
  const args = adapter.prepareArgs?.(tool, call.args) ?? call.args
  const complaint = adapter.validateCommand?.(tool, args)
  if (complaint !== undefined) throw invalid(tool, "args", complaint)
  if (tools === null) return args
  const spec = tools.get(tool)
  if (spec === undefined) throw unknown(tool, [...tools.keys()])
  if (spec.streaming && !stream)
    throw invalid(tool, "tool", "it streams its result: use stream() instead of execute()")
  const problem = checkArgs(spec, args)
  if (problem !== undefined) throw invalid(tool, problem.path, problem.reason)
  return args
}

function invalid(tool: string, key: string, reason: string): CallError {
  return new InvalidParameter({ message: `"${tool}" was not called: ${key}: ${reason}`, tool, key, reason })
}

function unknown(tool: string, known: readonly string[]): CallError {
  const names = [...known].sort()
  const more = names.length > listed ? ` and ${names.length - listed} more` : ""
  const list =
    names.length === 0 ? "it has no tools" : `its tools are ${names.slice(0, listed).join(", ")}${more}`
  return new UnknownTool({ message: `the worker has no tool "${tool}"; ${list}`, tool })
}
