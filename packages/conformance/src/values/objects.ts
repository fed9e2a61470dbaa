import { Tensor, ZonedDate } from "@snakepit/core"

const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text))
const when = new ZonedDate("2026-01-31T12:00:00.123456+02:00")
const model = (price: string, data: string): object => ({ price, data: bytes(data), at: when, color: "red" })
const emptyTensor = new Tensor("float64", [0, 3], new Float64Array(0))

const arrays: { readonly [name: string]: unknown } = {
  fortran_order: new Tensor("float64", [2, 3], Float64Array.of(0, 1, 2, 3, 4, 5)),
  strided: new Tensor("int32", [2, 4], Int32Array.of(3, 2, 1, 0, 11, 10, 9, 8)),
  transposed: new Tensor("uint16", [3, 2], Uint16Array.of(0, 3, 1, 4, 2, 5)),
  big_endian: new Tensor("float32", [2, 3], Float32Array.of(0, 1, 2, 3, 4, 5)),
  big_endian_strided: new Tensor("int64", [2], BigInt64Array.of(2n ** 40n, 2n)),
  read_only: new Tensor("int16", [2], Int16Array.of(1, 2)),
  broadcast: new Tensor("int8", [2, 2], Int8Array.of(7, 7, 7, 7)),
  cube: new Tensor("float32", [2, 2, 2], Float32Array.of(0, 1, 2, 3, 4, 5, 6, 7)),
  empty_array: emptyTensor,
  empty_strided: emptyTensor,
  no_dimension: new Tensor("float64", [], Float64Array.of(2.5)),
  booleans: new Tensor("bool", [3], Uint8Array.of(1, 0, 1)),
  halves: new Tensor("float16", [1], Uint16Array.of(0x3c00)),
  complex_array: new Tensor("complex128", [1], Float64Array.of(1, -2)),
  float_scalar: 0.5,
  int_scalar: 2n ** 64n - 1n,
  bool_scalar: true,
  string_scalar: "é",
  time_scalar: "2026-01-31T12:00",
  span_scalar: 1.5,
  strings: [["a", "bc"]],
  objects: [1, null, bytes("x")],
  times: ["2026-01-31", null],
  records: [{ n: 1, f: 0.5 }],
  masked: [1, null],
}

/**
 * What arrives here for values of Python's own types, by the names that `python/conformance_objects.py` gives them.
 * A worker in TypeScript, which has no such types, sends what is written here.
 */
export const objects: { readonly [name: string]: unknown } = {
  tuple: [1, [2.5, "a"], []],
  set: [7],
  frozenset: ["a"],
  named_tuple: { x: 1, y: 2 },
  decimal: "1.10",
  fraction: "1/3",
  uuid: "00000000-0000-0000-0000-000000000005",
  path: "/a/b",
  enum: ["red", 3, "hello", 3],
  enum_keys: { red: 1, "3": 2, hello: 3 },
  integer_keys: { "1": "a", "-2": "b", "1152921504606846976": "c" },
  dataclass: { items: [{ price: "0.5", data: bytes("x") }], at: when, to: { x: 0, y: 1.5 } },
  slotted_dataclass: { a: 1, b: bytes("b") },
  model: model("1.10", "ab"),
  nested_models: { model: model("2", ""), rows: [[1, 2.5]] },
  table: { "0": { a: 1 }, "1": { a: 2 } },
  naive_datetime: "2026-01-31T12:00:00.123456",
  day: "2026-01-31",
  time: "12:00:00.123456+02:00",
  timedelta: -86_399.999999,
  complex: new Tensor("complex128", [], Float64Array.of(1, -2)),
  mappings: [{ a: 1 }, { b: bytes("x") }],
  counter: { a: 2, b: 1 },
  sequences: [[1], [0, 1, 2], ["k"], [bytes("y")]],
  byte_kinds: [bytes("a"), bytes("b"), bytes("ab")],
  ...arrays,
}
