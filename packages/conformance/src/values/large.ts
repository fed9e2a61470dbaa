import { createHash } from "node:crypto"

/** So many bytes, of which no part that has the length of a usual block is like another. */
export function patterned(length: number): Uint8Array {
  return new Uint8Array(
    Buffer.alloc(
      length,
      Uint8Array.from({ length: 65_521 }, (_, index) => index % 251),
    ).buffer,
  )
}

export function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex")
}
