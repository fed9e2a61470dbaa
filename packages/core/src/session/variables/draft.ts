import { invalidParameter } from "../../errors/errors.js"
import { list, map } from "../../protocol/fields.js"
import { show } from "../../protocol/violation.js"
import { isContentName, nameRule } from "../names.js"
import { constraintsOf, readType, readValue } from "./kinds.js"
import { refusalOf } from "./refusal.js"
import type { Declaration, Variable, VariableType } from "./types.js"

/** A declaration that was checked: a variable that nobody has written yet. */
export type Draft = {
  readonly [T in VariableType]: Pick<Variable<T>, "name" | "type" | "value" | "constraints">
}[VariableType]

/** @throws {InvalidVariable} */
export function readDraft({ name, type: typeName, value: given, constraints: raw }: Declaration): Draft {
  checkName(name)
  const refuse = refusalOf(name)
  const type = readType(typeName, refuse)
  const constraints = constraintsOf(type, raw, refuse)
  const value = readValue(type, given, constraints, refuse)
  // Value and constraints are those of the type, which the compiler cannot see.
  return { name, type, value, constraints } as Draft
}

/** @throws {InvalidVariable} */
export function checkName(name: unknown): asserts name is string {
  if (isContentName(name)) return
  const text = typeof name === "string" ? name : show(name)
  refusalOf(text)(`needs a name: ${nameRule}, not ${show(name)}`)
}

/** What was exported as declarations. @throws {InvalidParameter} when it is nothing that was. */
export function declaredIn(exported: unknown): Declaration[] {
  if (!map.is(exported)) throw notExported(`must be a map, not ${show(exported)}`)
  const { version, variables } = exported
  if (version !== 1) throw notExported(`has the version ${show(version)}; only version 1 can be read`)
  if (!list.is(variables)) throw notExported(`must have a list of variables, not ${show(variables)}`)
  return variables.map((entry) => {
    if (!map.is(entry)) throw notExported(`has variables, which must be maps, not ${show(entry)}`)
    const { name, type, value, constraints } = entry
    return { name, type, value, constraints }
  })
}

function notExported(reason: string): Error {
  return invalidParameter("variables.import", "exported", reason)
}
