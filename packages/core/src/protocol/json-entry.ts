/**
 * The text of one entry of a JSON object, exactly as it is written.
 * @param text a valid JSON object that is not empty.
 * @returns the last entry of that name; `undefined` when there is none.
 */
export function jsonEntry(text: string, name: string): string | undefined {
  let found: string | undefined
  let start = text.indexOf("{") + 1
  for (;;) {
    const colon = endOfPart(text, start)
    const end = endOfPart(text, colon + 1)
    if (JSON.parse(text.slice(start, colon)) === name) found = text.slice(colon + 1, end).trim()
    if (text[end] !== ",") return found
    start = end + 1
  }
}

/** Where the colon, the comma or the closing bracket stands that ends what begins at `start`. */
function endOfPart(text: string, start: number): number {
  let depth = 0
  for (let index = start; index < text.length; index++) {
    const char = text[index]
    if (char === '"') index = endOfString(text, index)
    else if (depth === 0 && (char === ":" || char === "," || char === "}")) return index
    else if (char === "{" || char === "[") depth += 1
    else if (char === "}" || char === "]") depth -= 1
  }
  return text.length
}

/** Where the quote stands that ends the string which begins at `start`. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1)
  while (isEscaped(text, end)) end = text.indexOf('"', end + 1)
  return end
}

function isEscaped(text: string, position: number): boolean {
  let backslashes = 0
  while (text[position - 1 - backslashes] === "\\") backslashes += 1
  return backslashes % 2 === 1
}
