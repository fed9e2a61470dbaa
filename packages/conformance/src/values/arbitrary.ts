import { dtypes, Tensor, ZonedDate } from "@snakepit/core"
import fc from "fast-check"

const tensor = fc
  .tuple(fc.constantFrom(...dtypes), fc.array(fc.nat(3), { maxLength: 3 }), fc.infiniteStream(fc.nat(255)))
  .map(([dtype, shape, stream]) => {
    const one = Tensor.fromBytes(dtype, [0], new Uint8Array(0)).data.BYTES_PER_ELEMENT
    const count = shape.reduce((product, side) => product * side, dtype.startsWith("complex") ? 2 : 1)
    const limit = dtype === "bool" ? 2 : 256
    const data = Uint8Array.from(stream.take(count * one), (byte) => byte % limit)
    return Tensor.fromBytes(dtype, shape, data)
  })

const zoned = fc
  .record({
    // A day from either end, so that no offset leads beyond it.
    day: fc.date({
      min: new Date("0001-01-02T00:00Z"),
      max: new Date("9999-12-30T00:00Z"),
      noInvalidDate: true,
    }),
    micros: fc.nat(999),
    offset: fc.integer({ min: -1439, max: 1439 }),
  })
  .map(({ day, micros, offset }) => {
    const [two, minutes] = [(part: number) => `${part}`.padStart(2, "0"), Math.abs(offset)]
    const zone = `${offset < 0 ? "-" : "+"}${two(Math.trunc(minutes / 60))}:${two(minutes % 60)}`
    return new ZonedDate(day.toISOString().replace("Z", `${`${micros}`.padStart(3, "0")}${zone}`))
  })

const key = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.constantFrom("$", "__proto__", "constructor", "", "toString", "value", "at", "0", "-1"),
)

const number = fc.oneof(fc.double(), fc.maxSafeInteger(), fc.integer(), fc.constantFrom(-0, 2 ** 53, 1e21))

/** Long enough to travel in one piece, where the encoding does so. */
const longList = fc
  .oneof(fc.array(fc.double(), { minLength: 1 }), fc.array(fc.integer(), { minLength: 1 }))
  .map((entries) => Array.from({ length: 1300 }, (_, index) => entries[index % entries.length]))

/** Any value that the protocol knows. */
export const { value: anyValue } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constantFrom(null, true, false),
    number,
    fc.bigInt(),
    fc.string({ unit: "binary" }),
    fc.uint8Array(),
    zoned,
    fc.date({ min: new Date("0001-01-01T00:00Z"), max: new Date("9999-12-31T23:59Z"), noInvalidDate: true }),
    tensor,
    longList,
    fc.array(tie("value"), { maxLength: 5 }),
    fc.array(fc.tuple(key, tie("value")), { maxLength: 5 }).map((entries) => Object.fromEntries(entries)),
  ),
}))
