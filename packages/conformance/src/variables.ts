import { Tensor, type VariableInput, type VariableType } from "@snakepit/core"

/** A variable that both languages write, and what it reads as in TypeScript. */
export interface VariableCase {
  readonly type: VariableType
  readonly value: VariableInput
  readonly constraints?: { readonly [name: string]: unknown }
  readonly reads: unknown
}

const sames: { readonly [name: string]: Omit<VariableCase, "reads"> } = {
  string: { type: "string", value: "héé 🐍", constraints: { max_length: 5, pattern: "^h" } },
  integer: { type: "integer", value: -3, constraints: { min: -3, max: 3 } },
  huge_integer: { type: "integer", value: 2n ** 70n },
  float: { type: "float", value: 0.5, constraints: { min: 0, max: 1 } },
  whole_float: { type: "float", value: 2 },
  boolean: { type: "boolean", value: false },
  choice: { type: "choice", value: "slow", constraints: { choices: ["fast", "slow"] } },
  module: { type: "module", value: "sklearn.linear_model", constraints: { allowed_modules: ["sklearn"] } },
  list: { type: "list", value: [1, null, ["a", { b: Uint8Array.of(0, 10) }]] },
  map: { type: "map", value: { $: 1, nested: { at: new Date(0) } } },
}

const halves = Float64Array.from({ length: 2000 }, (_, n) => n / 2)
const rows = new Tensor("float64", [2, 3], Float64Array.of(0, 1, 2, 3, 4, 5))

/** By name; `python/conformance_variables.py` has the same in Python. */
export const variableCases: { readonly [name: string]: VariableCase } = {
  ...Object.fromEntries(Object.entries(sames).map(([name, same]) => [name, { ...same, reads: same.value }])),
  embedding: {
    type: "embedding",
    value: [0.5, 1],
    constraints: { dimensions: 2 },
    reads: new Tensor("float64", [2], Float64Array.of(0.5, 1)),
  },
  embedding_batch: {
    type: "embedding",
    value: [
      [0, 1, 2],
      [3, 4, 5],
    ],
    constraints: { dimensions: 3 },
    reads: rows,
  },
  large_embedding: { type: "embedding", value: [...halves], reads: Tensor.from(halves) },
  tensor: { type: "tensor", value: rows, constraints: { shape: [null, 3] }, reads: rows },
  integer_tensor: {
    type: "tensor",
    value: BigInt64Array.of(-1n, 2n),
    reads: Tensor.from(BigInt64Array.of(-1n, 2n)),
  },
}
