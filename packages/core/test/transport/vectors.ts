import { readFileSync } from "node:fs"

interface Vector {
  readonly name: string
  readonly line?: string
  readonly lineBase64?: string
  readonly attachments: readonly string[]
}

interface VectorFile {
  readonly frames: readonly (Vector & { readonly frame: unknown })[]
  readonly invalid: readonly Vector[]
}

const file = new URL("../../../../protocol/vectors/json.json", import.meta.url)

export const vectors: VectorFile = JSON.parse(readFileSync(file, "utf8"))

/** The bytes of a vector as they travel. */
export function bytesOf({ line, lineBase64, attachments }: Vector): Buffer {
  const text = lineBase64 === undefined ? Buffer.from(line ?? "") : Buffer.from(lineBase64, "base64")
  return Buffer.concat([text, Buffer.from("\n"), ...attachments.map((bytes) => Buffer.from(bytes, "base64"))])
}
