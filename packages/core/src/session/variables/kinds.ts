import { isPlainObject } from "../../protocol/plain-object.js"
import type { Tensor } from "../../protocol/values.js"
import { show } from "../../protocol/violation.js"
import { unkeepable } from "../keepable.js"
import { type ConstraintName, type Constraints, moduleName, readConstraints } from "./constraints.js"
import { found, maxTestedLength } from "./pattern.js"
import { type Refuse, some } from "./refusal.js"
import { toTensor } from "./tensors.js"
import type { VariableMap, VariableType, VariableValue } from "./types.js"

interface Kind<T extends VariableType> {
  readonly constraints: readonly ConstraintName[]
  /** @returns the value as it is kept. */
  read(value: unknown, constraints: Constraints, refuse: Refuse): VariableValue<T>
}

const kinds: { readonly [T in VariableType]: Kind<T> } = {
  string: { constraints: ["min_length", "max_length", "pattern", "enum"], read: readString },
  integer: { constraints: ["min", "max"], read: readInteger },
  float: { constraints: ["min", "max"], read: readFloat },
  boolean: { constraints: [], read: readBoolean },
  choice: { constraints: ["choices"], read: readChoice },
  module: { constraints: ["allowed_modules"], read: readModule },
  embedding: { constraints: ["dimensions"], read: readEmbedding },
  tensor: { constraints: ["shape"], read: readTensor },
  list: { constraints: [], read: readList },
  map: { constraints: [], read: readMap },
}

export function readType(type: unknown, refuse: Refuse): VariableType {
  const known = typeNames.find((name) => name === type)
  return known ?? refuse(`must have one of the types ${typeNames.join(", ")}, not ${show(type)}`)
}

const typeNames = Object.keys(kinds) as VariableType[]

/** A type's constraints, checked. */
export function constraintsOf(type: VariableType, raw: unknown, refuse: Refuse): Constraints {
  const constraints = readConstraints(raw, kinds[type].constraints, refuse)
  if (type !== "choice" || constraints.choices !== undefined) return constraints
  return refuse("is a choice and needs the constraint choices: the list of values that are allowed")
}

/** The value as a variable of this type keeps it, or a refusal. */
export function readValue(
  type: VariableType,
  value: unknown,
  constraints: Constraints,
  refuse: Refuse,
): VariableValue {
  const kept = kinds[type].read(value, constraints, refuse)
  const reason = unkeepable(kept, "value")
  return reason === undefined ? kept : refuse(`cannot be kept: ${reason}`)
}

function readString(value: unknown, constraints: Constraints, refuse: Refuse): string {
  if (typeof value !== "string") return mustBe("text", value, refuse)
  const { min_length, max_length, enum: allowed } = constraints
  if (min_length !== undefined || max_length !== undefined) {
    const length = [...value].length
    if (length < (min_length ?? 0))
      return refuse(`must have at least ${min_length} characters, not ${length}`)
    if (length > (max_length ?? length))
      return refuse(`must have at most ${max_length} characters, not ${length}`)
  }
  if (allowed !== undefined && !allowed.includes(value))
    return mustBe(`one of ${some(allowed)}`, value, refuse)
  if (constraints.pattern !== undefined) checkPattern(value, constraints.pattern, refuse)
  return value
}

function checkPattern(value: string, pattern: string, refuse: Refuse): void {
  if (value.length > maxTestedLength) {
    refuse(`has a pattern, and must have at most ${maxTestedLength} characters then, not ${value.length}`)
  }
  const matches = found(pattern, value)
  if (matches === undefined) refuse(`has a pattern that takes too long to find: ${pattern}`)
  if (matches === false) mustBe(`text in which the pattern ${pattern} is found`, value, refuse)
}

function readInteger(value: unknown, constraints: Constraints, refuse: Refuse): number | bigint {
  if (typeof value !== "bigint" && !Number.isSafeInteger(value)) {
    return mustBe("an integer (beyond ±(2^53-1) a bigint)", value, refuse)
  }
  const integer = BigInt(value as number | bigint)
  checkBounds(integer, constraints, refuse)
  const small = Number(integer)
  return Number.isSafeInteger(small) ? small : integer
}

function readFloat(value: unknown, constraints: Constraints, refuse: Refuse): number {
  if (typeof value !== "number" && typeof value !== "bigint") return mustBe("a number", value, refuse)
  const float = Number(value)
  if (typeof value === "bigint" && !Number.isFinite(float))
    return refuse("must be a number that a float can hold")
  checkBounds(float, constraints, refuse)
  return float
}

function checkBounds(value: number | bigint, { min, max }: Constraints, refuse: Refuse): void {
  // Not a number is in no bounds, so the comparisons are the other way round.
  if (min !== undefined && !(value >= min)) refuse(`must be at least ${min}, not ${value}`)
  if (max !== undefined && !(value <= max)) refuse(`must be at most ${max}, not ${value}`)
}

function readBoolean(value: unknown, _: Constraints, refuse: Refuse): boolean {
  return typeof value === "boolean" ? value : mustBe("true or false", value, refuse)
}

function readChoice(value: unknown, { choices = [] }: Constraints, refuse: Refuse) {
  return choices.find((choice) => choice === value) ?? mustBe(`one of ${some(choices)}`, value, refuse)
}

function readModule(value: unknown, { allowed_modules: allowed }: Constraints, refuse: Refuse): string {
  if (!moduleName.is(value)) return mustBe(moduleName.expected, value, refuse)
  if (allowed === undefined || allowed.some((name) => value === name || value.startsWith(`${name}.`)))
    return value
  return mustBe(`one of the modules ${some(allowed)}, or below one of them`, value, refuse)
}

function readEmbedding(value: unknown, { dimensions }: Constraints, refuse: Refuse): Tensor {
  const tensor = readNumbers(value, refuse)
  const { dtype, shape } = tensor
  if (shape.length < 1 || shape.length > 2) {
    return refuse(`must be one vector, or a row of them, not of the shape ${show(shape)}`)
  }
  if (dtype === "bool" || dtype.startsWith("complex")) return refuse(`must be of real numbers, not ${dtype}`)
  if (dimensions === undefined || shape.at(-1) === dimensions) return tensor
  return refuse(`must have ${dimensions} dimensions, not ${shape.at(-1)}`)
}

function readTensor(value: unknown, { shape }: Constraints, refuse: Refuse): Tensor {
  const tensor = readNumbers(value, refuse)
  if (shape === undefined) return tensor
  const fits =
    shape.length === tensor.shape.length &&
    shape.every((length, axis) => length === null || length === tensor.shape[axis])
  return fits ? tensor : refuse(`must have the shape ${show(shape)}, not ${show(tensor.shape)}`)
}

function readNumbers(value: unknown, refuse: Refuse): Tensor {
  const tensor = toTensor(value)
  return typeof tensor === "string" ? refuse(tensor) : tensor
}

function readList(value: unknown, _: Constraints, refuse: Refuse): VariableValue<"list"> {
  return Array.isArray(value) ? value : mustBe("a list", value, refuse)
}

function readMap(value: unknown, _: Constraints, refuse: Refuse): VariableMap {
  if (typeof value === "object" && value !== null && isPlainObject(value)) return value as VariableMap
  return mustBe("a map, with text for keys", value, refuse)
}

function mustBe(what: string, value: unknown, refuse: Refuse): never {
  return refuse(`must be ${what}, not ${show(value)}`)
}
