import { randomBytes } from "node:crypto"
import { closeSync, fstatSync } from "node:fs"
import type { Probe } from "../../protocol/handshake.js"
import { nonceBytes, openMemoryFile } from "../memory-file.js"
import type { OwnFile, SharedMemory } from "./shared-memory.js"

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
export function canRead(peer: Probe): boolean {
  const file = openMemoryFile(peer.pid, peer)
  if (file === undefined) return false
  try {
    return fstatSync(file).size === nonceBytes
  } finally {
    closeSync(file)
  }
}
