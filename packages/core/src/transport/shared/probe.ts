import { randomBytes } from "node:crypto"
import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs"
import type { Probe } from "../../protocol/handshake.js"
import type { OwnFile, SharedMemory } from "./shared-memory.js"

const nonceBytes = 32

/** A file that shows the peer whether it can open what this process has. */
export interface OwnProbe {
  readonly probe: Probe
  readonly file: OwnFile
}

/** @throws {Error} when the system has no room for it. */
export function makeProbe(memory: SharedMemory): OwnProbe {
  const nonce = randomBytes(nonceBytes / 2).toString("hex")
  const file = memory.create(nonceBytes)
  file.bytes.set(Buffer.from(nonce))
  return { probe: { pid: process.pid, fd: file.fd, nonce }, file }
}

/** Whether this process can open what the peer has, and the peer is who it seems to be. */
export function canRead({ pid, fd, nonce }: Probe): boolean {
  let file: number | undefined
  try {
    // Whatever else is there, a pipe for instance, must not make this wait.
    file = openSync(`/proc/${pid}/fd/${fd}`, constants.O_RDONLY | constants.O_NONBLOCK)
    const bytes = Buffer.alloc(nonceBytes)
    const complete =
      fstatSync(file).size === nonceBytes && readSync(file, bytes, 0, nonceBytes, 0) === nonceBytes
    return complete && bytes.toString("latin1") === nonce
  } catch {
    return false
  } finally {
    if (file !== undefined) closeSync(file)
  }
}
