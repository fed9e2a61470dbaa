import { Tensor, ZonedDate } from "@snakepit/core"

/** A value that a test sends to the worker, and what must come of it on the way. */
export interface ValueCase {
  /** What is sent, by TypeScript. */
  readonly value: unknown
  /** What arrives in TypeScript when the worker sends its own value of this case. Default: `value`. */
  readonly arrives?: unknown
  /** The smallest worker knows the case, too. */
  readonly basic?: boolean
}

const basic = (value: unknown, arrives: unknown = value): ValueCase => ({ value, arrives, basic: true })
const full = (value: unknown, arrives: unknown = value): ValueCase => ({ value, arrives })
const allBytes = Uint8Array.from({ length: 256 }, (_, index) => index)
/** Would end the process, were it ever unpickled. */
const pickle = "cos\nabort\n(tR."

const fractions = Array.from({ length: 2000 }, (_, index) => index + 0.5)
const integers = Array.from({ length: 2000 }, (_, index) => index - 1000)

/** What the rules of section 3 are about, by rule. The worker knows the same cases by the same names. */
export const cases: { readonly [rule: string]: { readonly [name: string]: ValueCase } } = {
  "plain values, as JSON has them": {
    null: basic(null),
    true: basic(true),
    false: basic(false),
    fraction: basic(0.1),
    tiny: basic(5e-324),
    empty_string: basic(""),
    unicode: basic('żółć 漢字 🐍 \u0000\u007f\u2028\u2029 \n\r\t "quoted" \\ \ufffd \ufeff'),
    empty_list: basic([]),
    empty_map: basic({}),
    nested: basic({ rows: [[1, [2, []]], { deep: { er: [null, "x", false] } }] }),
  },
  "[VA-1] integers": {
    zero: basic(0),
    one: basic(1),
    minus_one: basic(-1),
    max_safe: basic(2 ** 53 - 1),
    min_safe: basic(-(2 ** 53) + 1),
    // Sent by TypeScript it is an integer, sent by the worker a float without a fraction.
    integral_float: basic(2),
  },
  "[VA-2] integers beyond, and floats that only look like them": {
    two_to_53: basic(2n ** 53n),
    max_int64: basic(2n ** 63n - 1n),
    min_int64: basic(-(2n ** 63n)),
    max_uint64: basic(2n ** 64n - 1n),
    googol: basic(10n ** 100n),
    small_bigint: basic(5n, 5),
    float_two_to_53: basic(2 ** 53),
    float_1e21: basic(1e21),
    max_float: basic(Number.MAX_VALUE),
    bigints_in_a_list: basic([1, 2n ** 60n, 0.5]),
  },
  "[VA-3] floats that JSON lacks": {
    nan: basic(Number.NaN),
    infinity: basic(Number.POSITIVE_INFINITY),
    minus_infinity: basic(Number.NEGATIVE_INFINITY),
    minus_zero: basic(-0),
    floats_in_a_map: basic({ a: [Number.NaN, -0, 0, 1.5] }),
  },
  "[VA-4] bytes": {
    no_bytes: basic(new Uint8Array(0)),
    all_bytes: basic(allBytes),
    bytes_everywhere: full({ a: [allBytes, { b: new Uint8Array(0), c: [Uint8Array.of(10)] }], d: allBytes }),
    buffer: full(Buffer.from("\n\n"), Uint8Array.of(10, 10)),
    array_buffer: full(allBytes.buffer, allBytes),
    data_view: full(new DataView(allBytes.buffer, 1, 2), Uint8Array.of(1, 2)),
    megabyte: full(new Uint8Array(1_000_000).fill(0x0a)),
  },
  "[VA-5] dates": {
    utc: full(new Date("2026-01-31T12:00:00.123Z")),
    east: full(new ZonedDate("2026-01-31T12:00:00.123456+02:00")),
    west: full(new ZonedDate("1969-12-31T23:59:59.000001-03:30")),
    utc_micros: full(new ZonedDate("9999-12-31T23:59:59.999999+00:00")),
    dates_in_a_list: full([new Date(0), { at: new Date(-1) }]),
  },
  "[VA-6] tensors": {
    bool: full(new Tensor("bool", [3], Uint8Array.of(1, 0, 1))),
    int8: full(Int8Array.of(-128, 127), new Tensor("int8", [2], Int8Array.of(-128, 127))),
    uint8: full(new Tensor("uint8", [2], Uint8Array.of(0, 255))),
    int16: full(new Tensor("int16", [1], Int16Array.of(-2))),
    uint16: full(new Tensor("uint16", [1], Uint16Array.of(65_534))),
    int32: full(new Tensor("int32", [1], Int32Array.of(-2))),
    uint32: full(new Tensor("uint32", [1], Uint32Array.of(4_294_967_294))),
    int64: full(new Tensor("int64", [1], BigInt64Array.of(-(2n ** 63n)))),
    uint64: full(new Tensor("uint64", [1], BigUint64Array.of(2n ** 64n - 1n))),
    float16: full(new Tensor("float16", [1], Uint16Array.of(0x3c00))),
    float32: full(new Tensor("float32", [1, 1, 2], Float32Array.of(0.5, -0))),
    float64: full(new Tensor("float64", [2, 3], Float64Array.of(0, 1, 2, 3, 4, 5))),
    complex64: full(new Tensor("complex64", [1], Float32Array.of(1, -1))),
    complex128: full(new Tensor("complex128", [1], Float64Array.of(1, -1))),
    scalar: full(new Tensor("float64", [], Float64Array.of(2.5))),
    no_elements: full(new Tensor("float64", [0, 3], new Float64Array(0))),
    cube: full(
      new Tensor(
        "float32",
        [2, 3, 4],
        Float32Array.from({ length: 24 }, (_, index) => index),
      ),
    ),
    view: full(Float32Array.of(0, 1, 2, 3).subarray(1, 3), new Tensor("float32", [2], Float32Array.of(1, 2))),
    clamped: full(Uint8ClampedArray.of(0, 255), new Tensor("uint8", [2], Uint8Array.of(0, 255))),
    many_dimensions: full(new Tensor("uint8", new Array(30).fill(1), Uint8Array.of(7))),
    tensors_in_a_map: full({ a: [new Tensor("int8", [0], new Int8Array(0)), allBytes] }),
  },
  "[JS-7] [VA-1] [VA-2] [VA-3] long lists of numbers": {
    long_fractions: full(fractions),
    long_integers: full(integers),
    long_extremes: full(repeated(500, -(2 ** 31), 2 ** 31 - 1, 0)),
    long_odd_floats: full(
      repeated(300, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 1e300, 2 ** 53),
    ),
    long_whole_floats: full(integers),
    long_tuple: full(integers),
    long_large_integers: full([...integers, 2 ** 31]),
    long_bigints: full([...integers, 2n ** 60n]),
    long_mixed: full([...integers, 0.5]),
    long_with_null: full([...fractions, null]),
    long_booleans: full(repeated(1000, true, false)),
    long_lists_in_a_map: full({ a: [fractions, allBytes], b: { c: integers } }),
  },
  "[VA-7] keys": {
    proto: basic(JSON.parse('{"__proto__":1}')),
    proto_map: basic(JSON.parse('{"a":{"__proto__":{"polluted":true}}}')),
    constructor: basic({ constructor: 1, toString: 2, hasOwnProperty: 3 }),
    dollar: basic({ $: 1 }),
    dollar_bytes: basic({ $: "bytes", at: 0 }),
    dollar_map: basic({ $: "map", value: { $: "map", value: {} } }),
    dollar_deep: basic([{ a: { $: { $: null } } }]),
    empty_key: basic({ "": 1 }),
    odd_keys: basic({ "a b": 1, "0": 2, "-1": 3, "é\n": 4, "🐍": 5 }),
  },
  "[VA-9] entries without a value": {
    undefined_entry: basic({ a: 1, b: undefined }, { a: 1 }),
    undefined_deep: basic([{ a: { b: undefined } }], [{ a: {} }]),
  },
  "[VA-10] what looks like code or a pickle": {
    pickled_bytes: basic(Buffer.from(pickle), new Uint8Array(Buffer.from(pickle))),
    pickled_text: basic(pickle),
    code: basic(["__import__('os').abort()", "process.abort()", "!!python/object/apply:os.abort []"]),
    pickle_tag: basic({ $: "pickle", value: pickle }),
    reduce_key: basic({ __reduce__: ["os.abort", []], __class__: "os.abort" }),
  },
  "[LI-3] values that are deep": {
    deep: full(nestedLists(120)),
  },
}

/** Every case by name. */
export const allCases: { readonly [name: string]: ValueCase } = Object.assign({}, ...Object.values(cases))

function repeated<T>(times: number, ...values: readonly T[]): readonly T[] {
  return Array.from({ length: times }, () => values).flat()
}

/** The value that arrives where a case's value was sent. */
export function arrivalFor(name: string): unknown {
  const found = allCases[name]
  if (found === undefined) throw new Error(`there is no value "${name}"`)
  return found.arrives
}

/** The value that is sent for a case. */
export function valueFor(name: string): unknown {
  const found = allCases[name]
  if (found === undefined) throw new Error(`there is no value "${name}"`)
  return found.value
}

/** `levels` lists within each other. */
export function nestedLists(levels: number): unknown {
  let value: unknown = []
  for (let level = 1; level < levels; level += 1) value = [value]
  return value
}
