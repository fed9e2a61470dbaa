import fc from "fast-check"
import { expect, test } from "vitest"
import { Requests } from "../src/requests.js"

const pieceBytes = 512 * 1024

function bytes(size: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, n) => n % 251)
}

test("what belongs together is one message", async () => {
  const requests = new Requests()
  const messages = requests[Symbol.asyncIterator]()
  const first = messages.next()
  requests.add([Buffer.from("a\n"), Buffer.from("b\n")], () => {})
  expect(Buffer.from((await first).value?.frames ?? []).toString()).toBe("a\nb\n")
})

test("a large piece is cut, and joined again it is the same", async () => {
  const requests = new Requests()
  const pieces = [bytes(10), bytes(2 * pieceBytes), bytes(pieceBytes - 1), bytes(0), bytes(7)]
  requests.add(pieces, () => requests.end())
  const sizes: number[] = []
  const all: Uint8Array[] = []
  for await (const { frames } of requests) {
    sizes.push(frames.length)
    all.push(frames)
  }
  expect(sizes).toEqual([pieceBytes, pieceBytes, pieceBytes, 16])
  expect(Buffer.concat(all).equals(Buffer.concat(pieces))).toBe(true)
})

test("it is taken when the last of its messages has left: the next one was asked for", async () => {
  const requests = new Requests()
  const messages = requests[Symbol.asyncIterator]()
  let taken = false
  requests.add([bytes(pieceBytes + 1)], () => {
    taken = true
  })
  await messages.next()
  expect(taken).toBe(false)
  await messages.next()
  expect(taken).toBe(false)
  const third = messages.next()
  expect(taken).toBe(true)
  requests.end()
  expect(await third).toEqual({ done: true, value: undefined })
})

test("nobody waits for messages that can no longer be sent", async () => {
  const requests = new Requests()
  const messages = requests[Symbol.asyncIterator]()
  const taken = new Promise<void>((resolve) => requests.add([bytes(5)], resolve))
  await messages.throw?.(new Error("gone"))
  await taken
})

test("however it is cut, the bytes are the same and no message is too large", async () => {
  const sizes = fc.array(fc.oneof(fc.nat(100), fc.nat(2 * pieceBytes)), { maxLength: 6 })
  await fc.assert(
    fc.asyncProperty(sizes, async (lengths) => {
      const requests = new Requests()
      const pieces = lengths.map(bytes)
      requests.add(pieces, () => requests.end())
      const all: Uint8Array[] = []
      for await (const { frames } of requests) all.push(frames)
      expect(Math.max(...all.map((message) => message.length))).toBeLessThanOrEqual(pieceBytes)
      expect(Buffer.concat(all).equals(Buffer.concat(pieces))).toBe(true)
    }),
    { numRuns: 30 },
  )
})
