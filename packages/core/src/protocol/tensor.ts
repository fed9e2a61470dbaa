/** Numeric layouts a tensor can have, named as NumPy names them (PROTOCOL.md, VA-6). */
export const dtypes = [
  "bool",
  "int8",
  "uint8",
  "int16",
  "uint16",
  "int32",
  "uint32",
  "int64",
  "uint64",
  "float16",
  "float32",
  "float64",
  "complex64",
  "complex128",
] as const

export type Dtype = (typeof dtypes)[number]

/**
 * The typed array that holds the elements of each dtype. `bool` is one byte an element, 0 or 1; `float16` is raw
 * bits; a complex element is two numbers, real then imaginary.
 */
export interface TensorData {
  readonly bool: Uint8Array
  readonly int8: Int8Array
  readonly uint8: Uint8Array
  readonly int16: Int16Array
  readonly uint16: Uint16Array
  readonly int32: Int32Array
  readonly uint32: Uint32Array
  readonly int64: BigInt64Array
  readonly uint64: BigUint64Array
  readonly float16: Uint16Array
  readonly float32: Float32Array
  readonly float64: Float64Array
  readonly complex64: Float32Array
  readonly complex128: Float64Array
}

interface ArrayType<A> {
  readonly BYTES_PER_ELEMENT: number
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): A
}

interface Layout<A> {
  readonly array: ArrayType<A>
  /** Array elements that one tensor element takes. */
  readonly parts: number
}

const layouts: { readonly [D in Dtype]: Layout<TensorData[D]> } = {
  bool: { array: Uint8Array, parts: 1 },
  int8: { array: Int8Array, parts: 1 },
  uint8: { array: Uint8Array, parts: 1 },
  int16: { array: Int16Array, parts: 1 },
  uint16: { array: Uint16Array, parts: 1 },
  int32: { array: Int32Array, parts: 1 },
  uint32: { array: Uint32Array, parts: 1 },
  int64: { array: BigInt64Array, parts: 1 },
  uint64: { array: BigUint64Array, parts: 1 },
  float16: { array: Uint16Array, parts: 1 },
  float32: { array: Float32Array, parts: 1 },
  float64: { array: Float64Array, parts: 1 },
  complex64: { array: Float32Array, parts: 2 },
  complex128: { array: Float64Array, parts: 2 },
}

/** The dtype that a typed array stands for on its own, by its `Symbol.toStringTag`. */
const dtypeOfArray: ReadonlyMap<string, Dtype> = new Map([
  ["Int8Array", "int8"],
  ["Uint8Array", "uint8"],
  ["Uint8ClampedArray", "uint8"],
  ["Int16Array", "int16"],
  ["Uint16Array", "uint16"],
  ["Int32Array", "int32"],
  ["Uint32Array", "uint32"],
  ["BigInt64Array", "int64"],
  ["BigUint64Array", "uint64"],
  ["Float16Array", "float16"],
  ["Float32Array", "float32"],
  ["Float64Array", "float64"],
])

/** An n-dimensional array in row-major order; NumPy's `ndarray` on the other side. */
export class Tensor<D extends Dtype = Dtype> {
  /**
   * Takes `data` as it is, without copying.
   * @param shape size of each dimension; `[]` is a single element.
   * @throws {RangeError} when dtype, shape and data do not fit each other.
   */
  constructor(
    readonly dtype: D,
    readonly shape: readonly number[],
    readonly data: TensorData[D],
  ) {
    const { array, parts } = layoutOf(dtype)
    if (!(data instanceof array))
      throw new RangeError(`A tensor of ${dtype} holds its data in a ${array.name}`)
    const expected = elementCount(shape) * parts
    if (data.length !== expected) {
      throw new RangeError(
        `Shape [${shape.join(", ")}] of ${dtype} needs ${expected} numbers, not ${data.length}`,
      )
    }
  }

  /** Number of elements. */
  get size(): number {
    return elementCount(this.shape)
  }

  /** The data's bytes, not copied. */
  get bytes(): Uint8Array {
    return new Uint8Array(this.data.buffer, this.data.byteOffset, this.data.byteLength)
  }

  /**
   * A tensor of a typed array's own dtype, not copied. The shape defaults to one dimension.
   * @throws {RangeError} when the shape does not fit, or the view is not of a known element type.
   */
  static from(array: ArrayBufferView, shape?: readonly number[]): Tensor {
    const name = Object.prototype.toString.call(array).slice(8, -1)
    const dtype = dtypeOfArray.get(name)
    if (dtype === undefined) throw new RangeError(`A ${name} has no dtype`)
    const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength)
    return Tensor.fromBytes(dtype, shape ?? [array.byteLength / itemSize(dtype)], bytes)
  }

  /**
   * A tensor of little-endian row-major bytes. They are copied only where their position in memory does not suit the
   * dtype.
   * @throws {RangeError} when shape and length do not fit each other.
   */
  static fromBytes<D extends Dtype>(dtype: D, shape: readonly number[], bytes: Uint8Array): Tensor<D> {
    const size = itemSize(dtype)
    if (bytes.byteLength !== elementCount(shape) * size) {
      throw new RangeError(`Shape [${shape.join(", ")}] of ${dtype} does not fit ${bytes.byteLength} bytes`)
    }
    const { array } = layoutOf(dtype)
    const aligned = bytes.byteOffset % array.BYTES_PER_ELEMENT === 0 ? bytes : new Uint8Array(bytes)
    const length = bytes.byteLength / array.BYTES_PER_ELEMENT
    return new Tensor(dtype, shape, new array(aligned.buffer, aligned.byteOffset, length))
  }
}

/** Whether `name` is a dtype. */
export function isDtype(name: unknown): name is Dtype {
  return typeof name === "string" && Object.hasOwn(layouts, name)
}

function layoutOf<D extends Dtype>(
  dtype: D,
): Layout<TensorData[D]> & { readonly array: { readonly name: string } } {
  if (!isDtype(dtype)) throw new RangeError(`Unknown dtype ${String(dtype)}`)
  return layouts[dtype]
}

/** Bytes of one element. */
function itemSize(dtype: Dtype): number {
  const { array, parts } = layoutOf(dtype)
  return array.BYTES_PER_ELEMENT * parts
}

function elementCount(shape: readonly number[]): number {
  let count = 1
  for (const length of shape) {
    if (!Number.isSafeInteger(length) || length < 0) {
      throw new RangeError(`A shape has non-negative integers, not ${String(length)}`)
    }
    count *= length
  }
  return count
}
