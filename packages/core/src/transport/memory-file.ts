import { closeSync, constants, openSync, readSync } from "node:fs"
import type { MemoryFile } from "../protocol/handshake.js"

/** Length of the nonce that such a file begins with. */
export const nonceBytes = 32

/** Opens what another process has, for reading; `undefined` when it cannot be had, or is another file. */
export function openMemoryFile(pid: number, { fd, nonce }: MemoryFile): number | undefined {
  let file: number | undefined
  try {
    // Whatever else is there, a pipe for instance, must not make this wait.
    file = openSync(`/proc/${pid}/fd/${fd}`, constants.O_RDONLY | constants.O_NONBLOCK)
    if (readAt(file, 0, nonceBytes).toString("latin1") === nonce) return file
  } catch {
    // There is no such system, or the process lives where this one cannot see it.
  }
  if (file !== undefined) closeSync(file)
  return undefined
}

/** As many bytes as there are from a position on, at most `length`. */
export function readAt(file: number, position: number, length: number): Buffer {
  const bytes = Buffer.alloc(length)
  return bytes.subarray(0, readSync(file, bytes, 0, length, position))
}
