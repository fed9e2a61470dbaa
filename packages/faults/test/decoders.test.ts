import { parseHello } from "@snakepit/core/transport"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { scaled } from "../src/scale.js"
import { transports } from "../src/workers.js"
import { anyFrame, cut, cuts, damage, damaged } from "./support/arbitrary.js"
import { Wire } from "./support/decoding.js"
import { channelTransports, start } from "./support/pit.js"
import { withSeeds } from "./support/seeds.js"

const frames = fc.array(anyFrame, { maxLength: 6 })
const runs = (much: number) => ({ numRuns: scaled(much, much * 20) })

/** Prints what the shrunk example is, and how to get it again. */
function check<T extends [unknown, ...unknown[]]>(
  name: string,
  property: fc.IAsyncProperty<T>,
  numRuns: number,
): Promise<void> {
  return withSeeds(name, (seed) => fc.assert(property, { ...runs(numRuns), seed }))
}

describe.each(channelTransports)("over %s", (over) => {
  const transport = transports[over]()

  test("R13 however the bytes are cut, the frames are the same", () =>
    check(
      `segmentation-${over}`,
      fc.asyncProperty(frames, cuts, async (sent, lengths) => {
        const bytes = await (await Wire.open(transport)).encode(sent)
        const [whole, pieces] = [await Wire.open(transport), await Wire.open(transport)]
        expect(await whole.arrive([bytes])).toEqual({ kind: "eof" })
        expect(whole.frames.length).toBe(sent.length)
        expect(await pieces.arrive(cut(bytes, lengths))).toEqual({ kind: "eof" })
        expect(pieces.frames).toEqual(whole.frames)
      }),
      150,
    ))

  test("R3 frames that end anywhere in the middle are a protocol error behind those before", () =>
    check(
      `truncation-${over}`,
      fc.asyncProperty(frames, fc.double({ min: 0, max: 1, noNaN: true }), async (sent, where) => {
        const encoder = await Wire.open(transport)
        const each: Buffer[] = []
        for (const frame of sent) each.push(await encoder.encode([frame]))
        const bytes = Buffer.concat(each)
        const end = Math.floor(bytes.length * where)
        const wire = await Wire.open(transport)
        const reason = await wire.arrive([bytes.subarray(0, end)])
        const ends = each.map((_, index) => Buffer.concat(each.slice(0, index + 1)).length)
        expect(wire.frames.length).toBe(ends.filter((at) => at <= end).length)
        expect(reason.kind).toBe(end === 0 || ends.includes(end) ? "eof" : "protocol")
      }),
      100,
    ))

  test("R14 random bytes neither crash the decoder nor make it hang", () =>
    check(
      `noise-${over}`,
      fc.asyncProperty(fc.uint8Array({ maxLength: 3000, size: "max" }), cuts, async (bytes, lengths) => {
        const wire = await Wire.open(transport)
        const reason = await wire.arrive(cut(Buffer.from(bytes), lengths))
        expect(["eof", "protocol"]).toContain(reason.kind)
      }),
      300,
    ))

  test("R14 frames that were damaged on their way neither crash the decoder nor make it hang", () =>
    check(
      `damage-${over}`,
      fc.asyncProperty(frames, damage, cuts, async (sent, done, lengths) => {
        const bytes = damaged(await (await Wire.open(transport)).encode(sent), done)
        const wire = await Wire.open(transport)
        const reason = await wire.arrive(cut(bytes, lengths))
        expect(["eof", "protocol"]).toContain(reason.kind)
      }),
      300,
    ))
})

test("R13 over gRPC, values of any size come in messages of any size", async () => {
  const pit = await start("busy:Busy", {}, { over: "grpc" })
  await withSeeds("segmentation-grpc", async (seed) => {
    for (const size of fc.sample(fc.integer({ min: 0, max: 2 ** 21 }), { seed, numRuns: scaled(12, 300) })) {
      const value = { text: "é".repeat(size % 400_000), bytes: new Uint8Array(size).fill(seed % 256), size }
      const { bytes, ...rest } = await pit.execute<typeof value>("echo", { value })
      expect(Buffer.compare(bytes, value.bytes)).toBe(0)
      expect(rest).toEqual({ text: value.text, size })
    }
  })
})

test("R14 no first line of a worker is anything but a hello, an error hello or a protocol error", () =>
  check(
    "hello",
    fc.asyncProperty(
      fc.oneof(
        fc.string({ unit: "binary" }),
        fc.json(),
        fc
          .record({
            snakepit: fc.constantFrom(1, 1, 1, 2, "1", null),
            transport: fc.json(),
            tools: fc.jsonValue(),
          })
          .map((fields) => JSON.stringify(fields)),
        fc
          .dictionary(
            fc.constantFrom("error", "tools", "features", "skipped", "pid", "runtime"),
            fc.jsonValue(),
          )
          .map((fields) => JSON.stringify({ snakepit: 1, transport: "json", ...fields })),
      ),
      async (line) => {
        try {
          expect(["hello", "failed"]).toContain(parseHello(line).kind)
        } catch (error) {
          expect((error as Error).name).toMatch(/^Protocol(Violation|VersionMismatch)$/)
        }
      },
    ),
    1000,
  ))
