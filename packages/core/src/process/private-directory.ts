import { existsSync, lstatSync, mkdirSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

/**
 * A folder of this user for what must not be anybody else's: `snakepit-UID` where the system keeps such files. Made
 * if need be.
 *
 * @throws {Error} when it cannot be had, or is not private.
 */
export function runtimeDirectory(): string {
  const { XDG_RUNTIME_DIR: own } = process.env
  const base = own && existsSync(own) ? own : tmpdir()
  return privateDirectory(join(base, `snakepit-${process.getuid?.() ?? "user"}`))
}

/**
 * Makes a folder that only this user may enter, or makes sure that it is one.
 *
 * @throws {Error} when it cannot be made, is a symbolic link, belongs to somebody else or is open to others.
 */
export function privateDirectory(path: string): string {
  mkdirSync(path, { recursive: true, mode: 0o700 })
  const problem = problemOf(path)
  if (problem !== undefined) throw new Error(`${path} ${problem}`)
  return path
}

function problemOf(path: string): string | undefined {
  const found = lstatSync(path)
  if (found.isSymbolicLink()) return "is a symbolic link"
  if (found.uid !== process.getuid?.()) return "belongs to another user"
  if ((found.mode & 0o077) !== 0) return "is open to other users; it must have mode 700"
  return undefined
}
