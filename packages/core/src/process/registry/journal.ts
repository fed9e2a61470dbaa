import { closeSync, fstatSync, openSync, renameSync, rmSync, writeSync } from "node:fs"
import { dirname } from "node:path"
import { privateDirectory } from "../private-directory.js"
import { changeLine, type Entry, type EntryChange, type Header, headerLine } from "./records.js"

/** The file is written anew when it has this many lines, and four times as many as needed. */
const manyLines = 1000

const consequence = "If this program is killed now, its next start cannot end what it leaves behind."

/**
 * The file in which a host writes down what runs. It exists only while something does. Nothing here throws: a file
 * that cannot be written costs one warning, and is tried again with the next change.
 */
export class Journal {
  readonly #path: string
  readonly #draft: string
  readonly #header: Header
  readonly #warn: (message: string) => void
  readonly #entries = new Map<number, Entry>()
  #fd: number | undefined
  #lines = 0
  #warned = false

  constructor(path: string, header: Header, warn: (message: string) => void) {
    this.#path = path
    this.#draft = `${path}.new`
    this.#header = header
    this.#warn = warn
  }

  get entries(): Iterable<Entry> {
    return this.#entries.values()
  }

  get isEmpty(): boolean {
    return this.#entries.size === 0
  }

  add(entry: Entry): void {
    this.#entries.set(entry.id, entry)
    this.#record(entry)
  }

  /** Says more of an entry, unless it has ended. */
  change(entry: Entry): void {
    if (this.#entries.has(entry.id)) this.add(entry)
  }

  end(id: number): void {
    if (!this.#entries.delete(id)) return
    if (this.isEmpty) this.remove()
    else this.#record({ id, ended: true })
  }

  /** Until the next change there is no file. */
  remove(): void {
    this.#close()
    for (const path of [this.#path, this.#draft]) attempt(() => rmSync(path, { force: true }))
  }

  #record(change: EntryChange): void {
    try {
      if (this.#mayAppend()) this.#append(changeLine(change))
      else this.#writeAnew()
      this.#warned = false
    } catch (error) {
      // Half a line may be there now; the next change begins a new file.
      this.#close()
      if (!this.#warned) this.#warn(`cannot write down which workers run: ${error}. ${consequence}`)
      this.#warned = true
    }
  }

  #mayAppend(): boolean {
    if (this.#fd === undefined || this.#lines > Math.max(manyLines, 4 * this.#entries.size)) return false
    // Somebody may have removed the file.
    return fstatSync(this.#fd).nlink > 0
  }

  #append(text: string): void {
    if (this.#fd === undefined) return
    const bytes = Buffer.from(text)
    if (writeSync(this.#fd, bytes) < bytes.length) throw new Error("the disk is full")
    this.#lines += 1
  }

  /** In one step for whoever reads: nobody finds half a file. */
  #writeAnew(): void {
    this.#close()
    privateDirectory(dirname(this.#path))
    rmSync(this.#draft, { force: true })
    this.#fd = openSync(this.#draft, "ax", 0o600)
    this.#append(headerLine(this.#header) + [...this.#entries.values()].map(changeLine).join(""))
    this.#lines = 1 + this.#entries.size
    renameSync(this.#draft, this.#path)
  }

  #close(): void {
    const fd = this.#fd
    this.#fd = undefined
    if (fd !== undefined) attempt(() => closeSync(fd))
  }
}

function attempt(work: () => void): void {
  try {
    work()
  } catch {
    // What cannot be tidied up is left to a later sweep.
  }
}
