import { Refusal } from "../connection/thrown.js"
import { formatPath } from "../protocol/invalid-value.js"

/** What validates values, as many libraries offer it: Zod, Valibot, ArkType, Effect (https://standardschema.dev). */
export interface StandardSchema<Input = unknown, Output = Input> {
  readonly "~standard": {
    readonly version: 1
    /** The library's name. */
    readonly vendor: string
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>
    /** For the compiler alone. */
    readonly types?: { readonly input: Input; readonly output: Output } | undefined
  }
}

export type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] }

export interface SchemaIssue {
  readonly message: string
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
}

/** What a schema makes of a value that it accepts. */
export type SchemaOutput<S extends StandardSchema> = Extract<
  Awaited<ReturnType<S["~standard"]["validate"]>>,
  { readonly value: unknown }
>["value"]

/** ArkType's schemas are functions. */
export function isStandardSchema(value: unknown): value is StandardSchema {
  const standard: unknown = Reflect.get(Object(value), "~standard")
  return typeof Object(standard).validate === "function"
}

/**
 * The arguments of a call as its schema gives them.
 * @throws {Refusal} `invalid_parameter`, with the path (`rows[3].when`) and the reason of the first issue.
 */
export async function checkedArgs<S extends StandardSchema>(
  schema: S,
  tool: string,
  args: unknown,
): Promise<SchemaOutput<S>> {
  const result = await schema["~standard"].validate(args)
  if (result.issues === undefined) return result.value
  const [first, ...others] = result.issues
  const key = first?.path === undefined || first.path.length === 0 ? "args" : pathOf(first.path)
  const reason = first?.message ?? "is not what the schema asks for"
  const more = others.length === 0 ? "" : ` (and ${others.length} more)`
  throw new Refusal({
    code: "invalid_parameter",
    type: "InvalidParameter",
    message: `${tool}: ${key}: ${reason}${more}`,
    details: { key, reason },
  })
}

function pathOf(path: NonNullable<SchemaIssue["path"]>): string {
  const keys = path.map((part) => (typeof part === "object" ? part.key : part))
  return formatPath(keys.map((key) => (typeof key === "symbol" ? String(key) : key)))
}
