import type { Frame } from "./frame.js"
import { formatPath, type Path } from "./invalid-value.js"
import { isPlainObject } from "./plain-object.js"

/**
 * Whether JSON text may hold a lone surrogate: `JSON.stringify` writes those, and no valid character, as `\ud…`.
 * One search of the text is far cheaper than a look at every string. May be wrong on the side of yes.
 */
export function mayHaveLoneSurrogate(json: string): boolean {
  return json.includes("\\ud") || json.includes("\\uD")
}

/**
 * The path to the first string in the frame's values, key included, that is not valid Unicode. Texts for people, such
 * as an error's message, are passed over: they had better arrive maimed than not at all (PROTOCOL.md, ER-3).
 * @param frame of bounded depth.
 */
export function findLoneSurrogate(frame: Frame): string | undefined {
  const path = find(exactParts(frame), [])
  return path === undefined ? undefined : formatPath(path)
}

function exactParts(frame: Frame): object {
  switch (frame.type) {
    case "call":
      return { tool: frame.tool, args: frame.args, session: frame.session, meta: frame.meta }
    case "result":
    case "chunk":
      return { [frame.type]: frame.value, meta: frame.meta }
    default:
      return {}
  }
}

function find(value: unknown, path: Path): Path | undefined {
  if (typeof value === "string") return isWellFormed(value) ? undefined : path
  if (typeof value !== "object" || value === null) return undefined
  const isArray = Array.isArray(value)
  if (!isArray && !isPlainObject(value)) return undefined
  for (const [key, entry] of Object.entries(value)) {
    const place = [...path, isArray ? Number(key) : key]
    const found = isWellFormed(key) ? find(entry, place) : place
    if (found !== undefined) return found
  }
  return undefined
}

/** JSON text, made by `JSON.stringify`, with U+FFFD in place of every lone surrogate. */
export function replaceLoneSurrogates(json: string): string {
  return json.replace(/\\(?:u(d[89a-f][0-9a-f]{2})|.)/g, (sequence, surrogate) =>
    surrogate ? "\ufffd" : sequence,
  )
}

function isWellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text)
}
