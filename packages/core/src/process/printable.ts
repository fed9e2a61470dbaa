import { stripVTControlCharacters } from "node:util"

/** Controls, line and paragraph separators, and marks that reverse the direction of text; a tab is harmless. */
const unprintable = /(?!\t)[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/gu

/** Makes one line of foreign output safe to show: it cannot move a cursor, or pose as another line. */
export function printable(text: string): string {
  return stripVTControlCharacters(text).replace(unprintable, escapeCharacter)
}

/** The same for a text whose line breaks are its own. */
export function printableLines(text: string): string {
  return text.split(/\r?\n/).map(printable).join("\n")
}

function escapeCharacter(character: string): string {
  if (character === "\r") return "\\r"
  const code = character.charCodeAt(0).toString(16)
  return code.length > 2 ? `\\u${code.padStart(4, "0")}` : `\\x${code.padStart(2, "0")}`
}
