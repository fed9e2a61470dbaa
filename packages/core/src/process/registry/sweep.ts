import { lstatSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import { type HostIdentity, isOfOtherBoot, isProvablyDead } from "./identity.js"
import { killOrphan, OrphanSearch } from "./orphans.js"
import { type Contents, type Entry, parseContents } from "./records.js"

/** What one sweep looks at, so that it never holds up a start; the next one goes on. */
const maxFiles = 256
const maxEntries = 4096
const maxFileBytes = 4 * 2 ** 20

/** How old a file must be that nobody can read: a younger one may be just about to be written. */
const settledMs = 60_000

export interface SweepReport {
  /** Processes that dead hosts of this instance had left behind; those in their groups are not counted. */
  readonly killed: number
  /** Files of dead hosts that were removed. */
  readonly files: number
}

export interface SweepPlan {
  readonly directory: string
  /** What the names of this instance's files begin with. */
  readonly prefix: string
  readonly key: string
  readonly here: HostIdentity
  readonly warn: (message: string) => void
}

/**
 * Kills what dead hosts of one instance left behind, and removes their files. Whatever is not proven to be theirs is
 * left alone. Two sweeps at once do no harm: each proves for itself what it kills.
 */
export function sweep(plan: SweepPlan): SweepReport {
  const work = new Sweep(plan)
  for (const name of filesOf(plan)) work.visit(join(plan.directory, name))
  return { killed: work.killed, files: work.files }
}

class Sweep {
  killed = 0
  files = 0
  #entriesLeft = maxEntries
  #search: OrphanSearch | undefined

  constructor(private readonly plan: SweepPlan) {}

  visit(path: string): void {
    try {
      const { isOurs, age } = inspect(path)
      const { header, entries, damagedLines }: Contents = isOurs
        ? parseContents(readFileSync(path, "utf8"))
        : nothing
      if (header === undefined) return this.#forgetUnreadable(path, age)
      if (header.key !== this.plan.key || !isProvablyDead(header, this.plan.here)) return
      if (this.#entriesLeft <= 0) return
      this.#entriesLeft -= entries.length
      if (damagedLines > 0) this.plan.warn(`${path}: ${damagedLines} damaged lines were skipped.`)
      if (!isOfOtherBoot(header, this.plan.here)) for (const entry of entries) this.#end(entry)
      this.#remove(path)
    } catch (error) {
      // Another sweep was faster.
      if (!isMissing(error)) this.plan.warn(`${path} cannot be read: ${error}.`)
    }
  }

  #end(entry: Entry): void {
    this.#search ??= new OrphanSearch()
    const { orphans, unverified } = this.#search.find(entry)
    this.killed += orphans.filter(killOrphan).length
    for (const pid of unverified)
      this.plan.warn(`process ${pid} may have been left behind; that cannot be proven, so it is left alone.`)
  }

  /** A file with a damaged first line. Its host, if it lives, writes a new one with its next change. */
  #forgetUnreadable(path: string, age: number): void {
    if (age < settledMs) return
    this.plan.warn(`${path} is not a file of this registry, or damaged; it was removed.`)
    this.#remove(path)
  }

  #remove(path: string): void {
    rmSync(path)
    this.files += 1
  }
}

const nothing: Contents = { header: undefined, entries: [], damagedLines: 0 }

function filesOf({ directory, prefix, warn }: SweepPlan): string[] {
  try {
    return readdirSync(directory)
      .filter((name) => name.startsWith(prefix))
      .slice(0, maxFiles)
  } catch (error) {
    if (!isMissing(error)) warn(`${directory} cannot be read: ${error}.`)
    return []
  }
}

/** The folder is private, so this guards against accidents only. */
function inspect(path: string): { readonly isOurs: boolean; readonly age: number } {
  const found = lstatSync(path)
  const isOurs = found.isFile() && found.uid === process.getuid?.() && found.size <= maxFileBytes
  return { isOurs, age: Date.now() - found.mtimeMs }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT"
}
