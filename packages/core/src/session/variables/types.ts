import type { Tensor, ToolValue } from "../../protocol/values.js"

/** Bounds of numbers, both included. */
export interface NumberConstraints {
  readonly min?: number | bigint
  readonly max?: number | bigint
}

export interface StringConstraints {
  /** Characters, as Python counts them. */
  readonly min_length?: number
  readonly max_length?: number
  /**
   * Source of a regular expression of at most 1,000 characters, to be found anywhere in the value: write `^…$` for all
   * of it. The value has at most 10,000 characters then, and finding out takes at most 100 ms.
   */
  readonly pattern?: string
  /** The values that are allowed. */
  readonly enum?: readonly string[]
}

export type Choice = string | number | boolean

export interface ChoiceConstraints {
  /** The values that are allowed: at least one. */
  readonly choices: readonly Choice[]
}

export interface ModuleConstraints {
  /** Names of modules; each allows what is below it, too: `sklearn` allows `sklearn.linear_model`. */
  readonly allowed_modules?: readonly string[]
}

export interface EmbeddingConstraints {
  /** Length of the last axis. */
  readonly dimensions?: number
}

export interface TensorConstraints {
  /** Length of each axis; `null` or -1: any. */
  readonly shape?: readonly (number | null)[]
}

/** No constraints. */
export type NoConstraints = { readonly [name: string]: never }

export type VariableMap = { readonly [key: string]: ToolValue | undefined }

/** Numbers in rows; rows of rows for more axes. They become a tensor of `float64`. */
export type NumberRows = readonly number[] | readonly NumberRows[]

type NumberArray =
  | Int8Array
  | Int16Array
  | Int32Array
  | Uint16Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array
  | Float32Array
  | Float64Array

/** What stands for a tensor: itself, a typed array other than bytes, or rows of numbers. Arrays are not copied. */
export type TensorInput = Tensor | NumberArray | NumberRows

interface Kind<Value, Constraints, Input = Value> {
  readonly value: Value
  readonly input: Input
  readonly constraints: Constraints
}

/** The types that variables can have: what one reads, what one may write, and its constraints. */
export interface VariableKinds {
  readonly string: Kind<string, StringConstraints>
  readonly integer: Kind<number | bigint, NumberConstraints>
  readonly float: Kind<number, NumberConstraints, number | bigint>
  readonly boolean: Kind<boolean, NoConstraints>
  readonly choice: Kind<Choice, ChoiceConstraints>
  /** A dotted name, such as `sklearn.linear_model`. */
  readonly module: Kind<string, ModuleConstraints>
  /** One vector of numbers, or a row of them for each item of a batch. */
  readonly embedding: Kind<Tensor, EmbeddingConstraints, TensorInput>
  readonly tensor: Kind<Tensor, TensorConstraints, TensorInput>
  readonly list: Kind<readonly ToolValue[], NoConstraints>
  readonly map: Kind<VariableMap, NoConstraints>
}

export type VariableType = keyof VariableKinds

/** What a variable of this type reads as. */
export type VariableValue<T extends VariableType = VariableType> = VariableKinds[T]["value"]

/** What may be written to a variable of this type. */
export type VariableInput<T extends VariableType = VariableType> = VariableKinds[T]["input"]

export type VariableConstraints<T extends VariableType = VariableType> = VariableKinds[T]["constraints"]

/** A variable as it was at one moment. */
export type Variable<T extends VariableType = VariableType> = {
  readonly [K in T]: {
    readonly name: string
    readonly type: K
    readonly value: VariableValue<K>
    readonly constraints: VariableConstraints<K>
    /** 1 when it was registered first, one more with each write. */
    readonly version: number
    readonly updatedAt: Date
  }
}[T]

/** A variable to be made, none of it checked yet. */
export interface Declaration {
  readonly name: unknown
  readonly type: unknown
  readonly value: unknown
  readonly constraints?: unknown
}

/** All variables of a session, to be kept elsewhere and imported again. It can travel as any value can. */
export interface ExportedVariables {
  readonly version: 1
  readonly variables: readonly {
    readonly name: string
    readonly type: VariableType
    readonly value: VariableValue
    readonly constraints: VariableConstraints
  }[]
}

/** What happened to a variable since the last change that was seen. */
export interface VariableChange {
  readonly name: string
  /** The newest value; `undefined` when the variable was deleted. */
  readonly value: VariableValue | undefined
  /** The version of that value; of the one that was deleted. */
  readonly version: number
  readonly deleted: boolean
}
