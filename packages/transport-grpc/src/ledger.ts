import { closeSync, openSync, readSync } from "node:fs"
import { endianness } from "node:os"

/** A worker whose channel was closed is gone by then. */
const keepMs = 10_000
const idBytes = 8

/**
 * The file in which a worker notes which call it starts (PROTOCOL.md, GR-4). It can be read when the worker is dead:
 * that is what it is for.
 */
export class Ledger {
  readonly #bytes = Buffer.alloc(idBytes)
  #file: number | undefined

  /** @throws {Error} when there is no such file, or it cannot be read. */
  constructor(path: string) {
    this.#file = openSync(path, "r")
  }

  /** The id of the newest call that was started; 0 before the first. */
  get newest(): number {
    if (this.#file !== undefined) readSync(this.#file, this.#bytes, 0, idBytes, 0)
    const id = endianness() === "LE" ? this.#bytes.readBigUInt64LE() : this.#bytes.readBigUInt64BE()
    return Number(id)
  }

  /** Reads it for the last time a little later. Safe to call twice. */
  close(): void {
    setTimeout(() => this.#close(), keepMs).unref()
  }

  #close(): void {
    if (this.#file === undefined) return
    void this.newest
    closeSync(this.#file)
    this.#file = undefined
  }
}
