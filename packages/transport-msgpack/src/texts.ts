import { isUtf8 } from "node:buffer"

/** Longer text is rarely a name. */
const longestName = 32
/** Shorter text is cheaper to read here than by a call out of JavaScript. */
const shortText = 12
const places = 256

/** Reads text out of some bytes. @returns undefined when it is not valid UTF-8. */
export function readText(bytes: Buffer, view: DataView, start: number, end: number): string | undefined {
  const short = end - start <= shortText ? readAscii(view, start, end) : undefined
  if (short !== undefined) return short
  const text = bytes.toString("utf8", start, end)
  // Decoding puts U+FFFD in place of what is not UTF-8: without one there is nothing to check.
  return text.includes("\ufffd") && !isUtf8(bytes.subarray(start, end)) ? undefined : text
}

/** Reads names, which come again and again, without making them anew each time. */
export class Names {
  readonly #known: (string | undefined)[] = new Array(places).fill(undefined)

  /** @returns undefined when it is not valid UTF-8. */
  read(bytes: Buffer, view: DataView, start: number, end: number): string | undefined {
    const length = end - start
    if (length === 0 || length > longestName) return readText(bytes, view, start, end)
    const place = (length * 31 + view.getUint8(start) * 7 + view.getUint8(end - 1)) % places
    const known = this.#known[place]
    if (known !== undefined && isSame(known, view, start, end)) return known
    const name = readText(bytes, view, start, end)
    // As many characters as bytes: it is ASCII, and so can be compared byte by byte.
    if (name?.length === length) this.#known[place] = name
    return name
  }
}

function isSame(text: string, view: DataView, start: number, end: number): boolean {
  if (text.length !== end - start) return false
  for (let index = 0; index < text.length; index++) {
    if (text.charCodeAt(index) !== view.getUint8(start + index)) return false
  }
  return true
}

function readAscii(view: DataView, start: number, end: number): string | undefined {
  let text = ""
  for (let at = start; at < end; at++) {
    const byte = view.getUint8(at)
    if (byte >= 0x80) return undefined
    text += String.fromCharCode(byte)
  }
  return text
}
