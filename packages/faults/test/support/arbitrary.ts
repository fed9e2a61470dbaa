import type { Frame } from "@snakepit/core/transport"
import fc from "fast-check"

const scalar = fc.oneof(
  fc.constantFrom(null, true, false, -0, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, 1e21),
  fc.double(),
  fc.maxSafeInteger(),
  fc.bigInt(),
  fc.string({ unit: "grapheme" }),
  fc.uint8Array({ maxLength: 40 }),
  fc.date({ min: new Date("0001-01-01T00:00Z"), max: new Date("9999-12-31T23:59Z"), noInvalidDate: true }),
)
const key = fc.oneof(
  fc.string({ unit: "grapheme" }),
  fc.constantFrom("$", "__proto__", "constructor", "", "at"),
)
/** More than travels within the frame itself. */
const attached = fc.integer({ min: 10_200, max: 20_000 }).map((size) => new Uint8Array(size).fill(size % 251))

const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    { arbitrary: scalar, weight: 8 },
    { arbitrary: attached, weight: 1 },
    { arbitrary: fc.array(tie("value"), { maxLength: 4 }), weight: 2 },
    {
      arbitrary: fc
        .array(fc.tuple(key, tie("value")), { maxLength: 4 })
        .map((all) => Object.fromEntries(all)),
      weight: 2,
    },
  ),
}))

const id = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER })
const text = fc.string({ unit: "grapheme" })
const meta = fc.dictionary(text, text, { maxKeys: 3, noNullPrototype: true })

/** Any frame that a worker may send. */
export const anyFrame: fc.Arbitrary<Frame> = fc.oneof(
  fc.record({ type: fc.constant("result" as const), id, value }),
  fc.record({ type: fc.constant("result" as const), id, value, meta }),
  fc.record({ type: fc.constant("chunk" as const), id, seq: fc.nat(), value, final: fc.boolean() }),
  fc.record({
    type: fc.constant("error" as const),
    id,
    error: fc.record({
      code: fc.constantFrom("tool_error" as const, "internal" as const),
      type: text,
      message: text,
      details: value as fc.Arbitrary<never>,
    }),
  }),
  fc.record({ type: fc.constantFrom("ping" as const, "pong" as const), nonce: fc.maxSafeNat() }),
  fc.record({ type: fc.constant("log" as const), level: fc.constantFrom("info" as const), message: text }),
  fc.record({
    type: fc.constant("call" as const),
    id,
    tool: text,
    args: fc.dictionary(text, value, { maxKeys: 3, noNullPrototype: true }),
  }),
)

/** Where to cut: lengths of pieces, repeated. */
export const cuts = fc.oneof(
  fc.constant([1]),
  fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 }),
  fc.array(fc.integer({ min: 1, max: 20_000 }), { minLength: 1 }),
)

export function* cut(bytes: Buffer, lengths: readonly number[]): Generator<Buffer> {
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const length = lengths[turn % lengths.length] ?? 1
    yield bytes.subarray(at, at + length)
    at += length
  }
}

/** What may be done to bytes on their way. */
export const damage = fc.array(
  fc.record({
    kind: fc.constantFrom("change", "insert", "remove", "truncate", "repeat"),
    at: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
    bytes: fc.uint8Array({ minLength: 1, maxLength: 6 }),
  }),
  { minLength: 1, maxLength: 6 },
)
export type Damage = typeof damage extends fc.Arbitrary<infer D> ? D : never

export function damaged(bytes: Buffer, done: Damage): Buffer {
  return done.reduce((left, { kind, at: place, bytes: more }) => {
    const at = Math.floor(place * left.length)
    const [head, tail] = [left.subarray(0, at), left.subarray(at)]
    if (kind === "truncate") return head
    if (kind === "insert") return Buffer.concat([head, more, tail])
    if (kind === "repeat") return Buffer.concat([head, tail, tail])
    return Buffer.concat(
      [head, kind === "change" ? more : [], tail.subarray(more.length)].map((b) => Buffer.from(b)),
    )
  }, bytes)
}
