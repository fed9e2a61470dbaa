import { StringDecoder } from "node:string_decoder"

/** Bytes of a line; what is beyond is cut off. */
export const maxLineBytes = 16 * 1024

const newline = 0x0a

/** Cuts a byte stream into lines, holding at most one line of `maxLineBytes`. */
export class LineSplitter {
  readonly #line = Buffer.allocUnsafe(maxLineBytes)
  readonly #onLine: (line: HeldLine) => void
  #size = 0
  #cut = false

  constructor(onLine: (line: HeldLine) => void) {
    this.#onLine = onLine
  }

  push(chunk: Buffer): void {
    let start = 0
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, start)) {
      this.#hold(chunk, start, end)
      this.#release()
      start = end + 1
    }
    this.#hold(chunk, start, chunk.length)
  }

  /** Passes on a last line that has no line break. */
  end(): void {
    if (this.#size > 0) this.#release()
  }

  #hold(chunk: Buffer, start: number, end: number): void {
    const copied = chunk.copy(this.#line, this.#size, start, end)
    this.#size += copied
    if (copied < end - start) this.#cut = true
  }

  #release(): void {
    const line = new HeldLine(this.#line.subarray(0, this.#size), this.#cut)
    this.#size = 0
    this.#cut = false
    this.#onLine(line)
  }
}

/** A line that is decoded only if somebody wants it. Valid until the next one is split off. */
class HeldLine {
  readonly #bytes: Buffer
  readonly #cut: boolean

  constructor(bytes: Buffer, cut: boolean) {
    this.#bytes = bytes
    this.#cut = cut
  }

  text(): string {
    // The decoder keeps back a character that the cut went through.
    if (this.#cut) return `${new StringDecoder("utf8").write(this.#bytes)}…`
    const carriageReturn = this.#bytes.at(-1) === 0x0d ? 1 : 0
    return this.#bytes.toString("utf8", 0, this.#bytes.length - carriageReturn)
  }
}

export type { HeldLine }
