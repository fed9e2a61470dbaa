import { isUint8Array } from "node:util/types"
import { Tensor } from "../../protocol/values.js"

/** NumPy's own limit. */
const maxAxes = 64
const expected = "must be a tensor, a list of numbers or of such lists, or a typed array other than bytes"

/** The tensor that a value stands for, or what is wrong with it. Typed arrays are not copied. */
export function toTensor(value: unknown): Tensor | string {
  if (value instanceof Tensor) return value
  if (Array.isArray(value)) return fromRows(value)
  if (isUint8Array(value) || value instanceof DataView || !ArrayBuffer.isView(value)) return expected
  return Tensor.from(value)
}

function fromRows(rows: readonly unknown[]): Tensor | string {
  const shape: number[] = []
  for (let row: unknown = rows; Array.isArray(row); row = row[0]) {
    if (shape.push(row.length) > maxAxes) return `has more than ${maxAxes} axes`
  }
  const numbers: number[] = []
  return collect(numbers, rows, shape, 0) ?? new Tensor("float64", shape, new Float64Array(numbers))
}

/** Appends the numbers of one row and of those in it, as long as they have the shape of the first ones. */
function collect(
  numbers: number[],
  row: unknown,
  shape: readonly number[],
  axis: number,
): string | undefined {
  if (!Array.isArray(row) || row.length !== shape[axis]) return "has rows of different lengths"
  const innermost = axis + 1 === shape.length
  for (const entry of row) {
    if (!innermost) {
      const problem = collect(numbers, entry, shape, axis + 1)
      if (problem !== undefined) return problem
    } else if (typeof entry === "number") numbers.push(entry)
    else return expected
  }
  return undefined
}
