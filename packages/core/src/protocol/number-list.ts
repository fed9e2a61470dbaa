/** How a long list of numbers travels in one piece (PROTOCOL.md, JS-7 and MP-5). */
export interface PackedNumbers {
  readonly dtype: "float64" | "int32"
  /** Little-endian; as many as the list has entries. */
  readonly bytes: Uint8Array
}

/** A list up to this long travels as text: its bytes would be 10,240 at most. */
const longestText = 1280

/** The list in one piece. `undefined`: it is short, or not all of it is of one kind that arrives unchanged. */
export function packNumbers(list: readonly unknown[]): PackedNumbers | undefined {
  const [first] = list
  if (list.length <= longestText || typeof first !== "number") return undefined
  return isFloat(first)
    ? pack(list, "float64", new Float64Array(list.length), isFloat)
    : pack(list, "int32", new Int32Array(list.length), isInt32)
}

/**
 * The list that it was.
 * @throws {RangeError} when the dtype is none that lists have, or the bytes are no whole number of entries.
 */
export function unpackNumbers(dtype: unknown, bytes: Uint8Array): number[] {
  if (dtype === "float64") return listOf(new Float64Array(whole(bytes, 8)))
  if (dtype === "int32") return listOf(new Int32Array(whole(bytes, 4)))
  throw new RangeError("its dtype must be float64 or int32")
}

function pack(
  list: readonly unknown[],
  dtype: PackedNumbers["dtype"],
  target: Float64Array | Int32Array,
  fits: (value: number) => boolean,
): PackedNumbers | undefined {
  for (let index = 0; index < target.length; index++) {
    const entry = list[index]
    if (typeof entry !== "number" || !fits(entry)) return undefined
    target[index] = entry
  }
  return { dtype, bytes: new Uint8Array(target.buffer) }
}

/** Whether the number arrives as a float (VA-1, VA-2): others are integers on the other side. */
function isFloat(value: number): boolean {
  return !Number.isSafeInteger(value) || Object.is(value, -0)
}

function isInt32(value: number): boolean {
  return Object.is(value | 0, value)
}

/** What `Array.from` gives, at three times its speed. */
function listOf(numbers: Float64Array | Int32Array): number[] {
  // Made with a greater length, an array would be a hash table.
  const list: number[] = numbers.length < 2 ** 25 ? new Array(numbers.length) : []
  for (let index = 0; index < numbers.length; index++) list[index] = numbers[index] ?? 0
  return list
}

/** A copy of its own, so that it starts where any typed array may. */
function whole(bytes: Uint8Array, size: number): ArrayBuffer {
  if (bytes.byteLength % size === 0) return new Uint8Array(bytes).buffer
  throw new RangeError(`${bytes.byteLength} bytes are no whole number of entries`)
}
