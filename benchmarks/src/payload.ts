import { randomFillSync } from "node:crypto"

let shared = new Uint8Array(0)

/** The same random bytes for everybody: six copies of the largest payload are a lot of memory. */
export function noise(size: number): Uint8Array {
  if (shared.length < size) shared = randomFillSync(new Uint8Array(size))
  return shared.subarray(0, size)
}

/** A kilobyte is a thousand bytes, a megabyte a million. */
export function sizeText(size: number): string {
  if (size < 1_000) return `${size} B`
  return size < 1_000_000 ? `${size / 1_000} KB` : `${size / 1_000_000} MB`
}

/** @throws Error when the answer is not what was sent. */
export function expectSameBytes(answer: Uint8Array, sent: Uint8Array): void {
  if (Buffer.compare(answer, sent) !== 0) throw new Error("wrong answer: not the bytes that were sent")
}
