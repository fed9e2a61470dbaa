import { closeSync } from "node:fs"
import { endianness } from "node:os"
import type { Hello } from "../protocol/handshake.js"
import { nonceBytes, openMemoryFile, readAt } from "../transport/memory-file.js"
import type { Journal } from "../transport/transport.js"

/** The nonce, then two integers of 64 bits: where in the stream it begins, and how long it is (PROTOCOL.md, JO-2). */
const headerBytes = nonceBytes + 16
/** A journal that claims more than this is none. */
const maxBytes = 1024 * 1024
const nothing = Buffer.alloc(0)

/** The journal that a hello names; `undefined` when there is none, or this process cannot read it. */
export function openJournal({ pid, journal }: Hello): Journal | undefined {
  if (pid === null || journal === undefined) return undefined
  const file = openMemoryFile(pid, journal)
  return file === undefined ? undefined : new MemoryJournal(file)
}

class MemoryJournal implements Journal {
  #fd: number | undefined

  constructor(fd: number) {
    this.#fd = fd
  }

  finish(received: number): Buffer {
    const fd = this.#fd
    if (fd === undefined) return nothing
    this.#fd = undefined
    try {
      return missing(fd, received)
    } catch {
      // Its worker has spoilt it, which must harm nobody else.
      return nothing
    } finally {
      closeSync(fd)
    }
  }
}

function missing(fd: number, received: number): Buffer {
  const header = readAt(fd, nonceBytes, headerBytes - nonceBytes)
  const start = integer(header, 0)
  const length = integer(header, 8)
  // A gap cannot be: what comes before the journal was written before anything stood in it.
  if (start > received || start + length <= received || length > maxBytes) return nothing
  return readAt(fd, headerBytes, length).subarray(received - start)
}

function integer(header: Buffer, at: number): number {
  return Number(endianness() === "LE" ? header.readBigUInt64LE(at) : header.readBigUInt64BE(at))
}
