import { readFileSync } from "node:fs"

interface Vector {
  readonly name: string
  /** Base64, like the attachments. */
  readonly map: string
  readonly attachments: readonly string[]
}

export interface FrameVector extends Vector {
  /** Another form of `map`. */
  readonly also?: string
  readonly size: number
  readonly inline?: boolean
  readonly frame: unknown
  readonly encode: boolean
}

interface VectorFile {
  readonly frames: readonly FrameVector[]
  readonly invalid: readonly (Vector & { readonly rule: string; readonly optional?: boolean })[]
}

const file = new URL("../../../protocol/vectors/msgpack.json", import.meta.url)

export const vectors: VectorFile = JSON.parse(readFileSync(file, "utf8"))

/** The bytes of a vector as they travel. */
export function bytesOf({ map, attachments }: Vector): Buffer {
  return framed(Buffer.from(map, "base64"), ...attachments.map((bytes) => Buffer.from(bytes, "base64")))
}

/** A map behind its length, and what follows it. */
export function framed(map: Uint8Array, ...attachments: readonly Uint8Array[]): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(map.length)
  return Buffer.concat([length, map, ...attachments])
}
