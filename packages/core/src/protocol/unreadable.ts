import { formatPath, type Path } from "./invalid-value.js"
import { isPlainObject } from "./plain-object.js"

/** The path to the first place of a value that throws when it is read: a getter. `root` when it cannot be found. */
export function findUnreadable(value: unknown, root: string): string {
  return formatPath(find(value, [root], new Set()) ?? [root])
}

function find(value: unknown, path: Path, seen: Set<object>): Path | undefined {
  if (typeof value !== "object" || value === null || seen.has(value)) return undefined
  seen.add(value)
  let place = path
  try {
    const isArray = Array.isArray(value)
    if (!isArray && !isPlainObject(value)) return undefined
    for (const key of Object.keys(value)) {
      place = [...path, isArray ? Number(key) : key]
      const found = find(Reflect.get(value, key), place, seen)
      if (found !== undefined) return found
    }
  } catch {
    return place
  }
  return undefined
}
