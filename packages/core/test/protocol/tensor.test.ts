import { describe, expect, test } from "vitest"
import { type Dtype, dtypes, Tensor } from "../../src/protocol/tensor.js"

const bytesOf: { readonly [D in Dtype]: number } = {
  bool: 1,
  int8: 1,
  uint8: 1,
  int16: 2,
  uint16: 2,
  int32: 4,
  uint32: 4,
  int64: 8,
  uint64: 8,
  float16: 2,
  float32: 4,
  float64: 8,
  complex64: 8,
  complex128: 16,
}

describe("Tensor [VA-6]", () => {
  test.each(dtypes)("%s holds shape × dtype, in the typed array that fits", (dtype) => {
    const tensor = Tensor.fromBytes(dtype, [2, 3], new Uint8Array(6 * bytesOf[dtype]))
    expect(tensor.size).toBe(6)
    expect(tensor.bytes.byteLength).toBe(6 * bytesOf[dtype])
    expect(new Tensor(dtype, [3, 2], tensor.data).data).toBe(tensor.data)
    expect(() => Tensor.fromBytes(dtype, [2, 3], new Uint8Array(6 * bytesOf[dtype] - 1))).toThrow(RangeError)
    expect(() => new Tensor(dtype, [7], tensor.data)).toThrow(RangeError)
  })

  test("unaligned bytes are copied, aligned ones are not", () => {
    const memory = new Uint8Array(24)
    new DataView(memory.buffer).setFloat64(1, 0.5, true)
    const moved = Tensor.fromBytes("float64", [1], memory.subarray(1, 9))
    expect(moved.data).toStrictEqual(new Float64Array([0.5]))
    expect(moved.data.buffer).not.toBe(memory.buffer)
    expect(Tensor.fromBytes("float64", [1], memory.subarray(8, 16)).data.buffer).toBe(memory.buffer)
  })

  test("from a typed array: its own dtype, one dimension unless told", () => {
    const array = new Int16Array([1, 2, 3, 4])
    expect(Tensor.from(array)).toStrictEqual(new Tensor("int16", [4], array))
    expect(Tensor.from(array, [2, 2]).shape).toEqual([2, 2])
    expect(Tensor.from(array).data.buffer).toBe(array.buffer)
    expect(Tensor.from(new Uint8ClampedArray([1])).dtype).toBe("uint8")
    expect(() => Tensor.from(array, [3])).toThrow(RangeError)
    expect(() => Tensor.from(new DataView(new ArrayBuffer(4)))).toThrow("A DataView has no dtype")
  })

  test("an empty shape is one element, a zero in it none", () => {
    expect(Tensor.fromBytes("int32", [], new Uint8Array(4)).size).toBe(1)
    expect(Tensor.fromBytes("int32", [5, 0], new Uint8Array(0)).size).toBe(0)
  })

  test.each([[[-1]], [[0.5]], [[Number.NaN]], [[2 ** 53]]])("a shape of %s is refused", (shape) => {
    expect(() => Tensor.fromBytes("int8", shape, new Uint8Array(1))).toThrow(RangeError)
  })

  test("data of another array type is refused", () => {
    // @ts-expect-error a Float32Array is no data of float64
    expect(() => new Tensor("float64", [1], new Float32Array(1))).toThrow("Float64Array")
  })
})
