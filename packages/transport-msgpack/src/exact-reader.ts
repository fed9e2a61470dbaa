import { type Fields, ProtocolViolation } from "@snakepit/core/transport"
import { Unpackr } from "msgpackr"
import { Cursor } from "./cursor.js"
import { restore, type Surroundings, Unreadable } from "./restore.js"

/** Maps stay maps: msgpackr makes other keys of `__proto__` and of what is no text, were they objects. */
const unpackr = new Unpackr({ useRecords: false, mapsAsObjects: false })

/** In place of a field's value that could not be read. */
export class Unread {
  constructor(
    readonly reason: string,
    /** The value's own bytes, a view. */
    readonly bytes: Uint8Array,
  ) {}
}

/** Reads any MessagePack, strictly and value by value. msgpackr sees nothing that was not checked before. */
export class ExactReader implements Surroundings {
  readonly unpacked = new Set<Uint8Array>()
  readonly #source: Buffer
  readonly #cursor: Cursor
  readonly #maxDepth: number
  readonly #inner: boolean

  /** @param inner whether `source` is inside of an extension type, where no other one has parts of its own. */
  constructor(
    source: Buffer,
    maxDepth: number,
    readonly attachments: readonly Uint8Array[],
    inner = false,
  ) {
    this.#source = source
    this.#cursor = new Cursor(Buffer.from(source))
    this.#maxDepth = maxDepth
    this.#inner = inner
  }

  get texts(): ReadonlySet<number> {
    return this.#cursor.texts
  }

  /**
   * The fields of a frame.
   * @throws {ProtocolViolation} when it is something else. What is wrong with a value alone is an `Unread` there.
   */
  frame(): Fields {
    const [first = 0] = this.#source
    if ((first & 0xf0) !== 0x80 && first !== 0xde && first !== 0xdf)
      throw new ProtocolViolation("a frame is not a map")
    const fields = new Map<string, unknown>()
    for (let left = this.#cursor.enter(); left > 0; left -= 2) {
      const name = this.#name()
      // The details of an error are one level deeper in the frame than other values.
      fields.set(name, this.#field(name === "error" ? this.#maxDepth + 1 : this.#maxDepth))
    }
    this.#checkEnd()
    return Object.fromEntries(fields)
  }

  parts(bytes: Buffer): readonly unknown[] {
    if (this.#inner) throw new Unreadable("one extension type inside of another")
    const inner = new ExactReader(bytes, this.#maxDepth, this.attachments, true)
    const value = inner.#value()
    inner.#checkEnd()
    return Array.isArray(value) ? value : []
  }

  #name(): string {
    const name = this.#value()
    if (typeof name !== "string") throw new ProtocolViolation("a key is not a string")
    return name
  }

  #field(maxDepth: number): unknown {
    const start = this.#cursor.position
    try {
      return this.#value(maxDepth)
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error
      return new Unread(error.message, this.#source.subarray(start, this.#cursor.position))
    }
  }

  #value(maxDepth = this.#maxDepth): unknown {
    const start = this.#cursor.position
    this.#cursor.foreign = undefined
    this.#cursor.pass()
    const { bytes, foreign, position } = this.#cursor
    if (foreign !== undefined) throw new Unreadable(`unknown extension type ${(foreign << 24) >> 24}`)
    return restore(unpack(bytes.subarray(start, position)), maxDepth, this)
  }

  #checkEnd(): void {
    if (!this.#cursor.atEnd) throw new ProtocolViolation("bytes follow what should be all")
  }
}

function unpack(bytes: Buffer): unknown {
  try {
    return unpackr.unpack(bytes)
  } catch (error) {
    // They are sound MessagePack: only what calls itself too often can fail.
    if (error instanceof RangeError) throw new Unreadable("nests too deep")
    throw new ProtocolViolation(`msgpackr: ${String(error)}`)
  }
}
