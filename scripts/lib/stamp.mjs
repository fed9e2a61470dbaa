import { createHash } from "node:crypto"
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { at, cache } from "./paths.mjs"

/**
 * Remembers that a job was done for exactly these inputs, so that it is skipped, also offline, until one changes.
 * @param job `name`; `inputs`: files (relative to the clone) and `extra` text that the result depends on;
 *   `outputs`: paths that must exist for the result to count as there
 */
export function stampOf({ name, inputs, extra = "", outputs }) {
  const file = join(cache, "stamps", name)
  const digest = digestOf(inputs, extra)
  return {
    fresh: () =>
      outputs.every((path) => existsSync(at(path))) &&
      existsSync(file) &&
      readFileSync(file, "utf8") === digest,
    write() {
      mkdirSync(join(cache, "stamps"), { recursive: true })
      writeFileSync(file, digest)
    },
  }
}

function digestOf(files, extra) {
  const hash = createHash("sha256").update(extra)
  for (const file of files)
    hash.update(`\0${file}\0`).update(existsSync(at(file)) ? readFileSync(at(file)) : "absent")
  return hash.digest("hex")
}
