import { isGeneratorFunction } from "../connection/answer.js"
import { InvalidConfig } from "../errors/errors.js"
import { JsonEncoder } from "../protocol/json-encode.js"
import { defaultLimits } from "../protocol/limits.js"
import { isReservedName, isToolName, type ParameterSpec } from "../protocol/tools.js"
import { show } from "../protocol/violation.js"
import { isStandardSchema, type SchemaOutput, type StandardSchema } from "./standard-schema.js"

/** Arguments as a tool sends them. */
export type HostToolArgs = { readonly [key: string]: unknown }

/** What a handler gets: what its schema gives, or whatever the tool has sent. */
export type HostToolInput<S extends StandardSchema | undefined> = S extends StandardSchema
  ? SchemaOutput<S>
  : HostToolArgs

/**
 * A TypeScript function that workers may call. What it returns, or what its promise gives, is the result; an async
 * iterable or an iterator (what generators return) streams, a list is a value.
 */
export type HostToolHandler<Context, HandlerArgs = HostToolArgs> = (
  args: HandlerArgs,
  context: Context,
) => unknown

export interface HostToolOptions<S extends StandardSchema | undefined = StandardSchema | undefined> {
  /** Only calls of this session see the tool. Default: everybody does. */
  readonly session?: string
  /**
   * Checks the arguments, and makes the handler's out of them: any Standard Schema. What it does not accept is answered
   * `invalid_parameter` before the handler runs. Default: any arguments are welcome.
   */
  readonly schema?: S
  /** For people. */
  readonly description?: string
  /** For people, and for tools that look: nothing is checked by it. `required` is false by default. */
  readonly parameters?: readonly (Omit<ParameterSpec, "required"> & { readonly required?: boolean })[]
  /** Whether the handler gives a stream. Default: whether it is a generator function. */
  readonly streaming?: boolean
}

export interface HostToolInfo {
  readonly name: string
  readonly description: string
  /** The session that it belongs to; `null`: everybody sees it. */
  readonly session: string | null
  readonly streaming: boolean
  /** Empty when nothing is declared. */
  readonly parameters: readonly ParameterSpec[]
}

/** @throws {InvalidConfig} for what cannot be registered. The session is left to the caller. */
export function describeHostTool(name: string, handler: unknown, options: HostToolOptions): HostToolInfo {
  checkName(name)
  if (typeof handler !== "function") throw refused(name, `must be a function, not ${show(handler)}`)
  if (typeof options !== "object" || options === null)
    throw refused(name, `has options that are no object but ${show(options)}`)
  const { session = null, description = "", parameters = [], schema } = options
  const { streaming = isGeneratorFunction(handler) } = options
  if (typeof description !== "string") throw refused(name, "has a description that is no string")
  if (typeof streaming !== "boolean") throw refused(name, "has a `streaming` that is neither true nor false")
  if (schema !== undefined && !isStandardSchema(schema))
    throw refused(name, `has a schema that is no Standard Schema but ${show(schema)}`)
  return { name, description, session, streaming, parameters: readParameters(name, parameters) }
}

function checkName(name: string): void {
  if (typeof name !== "string" || !isToolName(name))
    throw refused(name, "has no valid name: letters, digits, `_`, `.` and `-`, at most 64")
  if (isReservedName(name)) throw refused(name, "has a name that is taken: `snakepit.` is for the library")
}

function readParameters(
  tool: string,
  parameters: NonNullable<HostToolOptions["parameters"]>,
): readonly ParameterSpec[] {
  if (!Array.isArray(parameters)) throw refused(tool, "has parameters that are no list")
  for (const parameter of parameters)
    if (typeof Object(parameter).name !== "string") throw refused(tool, "has a parameter without a name")
  const specs = parameters.map((parameter): ParameterSpec => ({ required: false, ...parameter }))
  try {
    // Whoever asks for the tools must not fail for one of them.
    new JsonEncoder({ limits: defaultLimits, attachments: true }).encode(specs, "parameters")
  } catch (error) {
    throw refused(tool, `has a declaration that cannot be sent: ${String(error)}`)
  }
  return specs
}

export function refused(name: string, why: string): InvalidConfig {
  const text = typeof name === "string" ? name : show(name)
  return new InvalidConfig({ message: `the host tool "${text}" ${why}`, key: text })
}
