import { randomBytes } from "node:crypto"
import { join, resolve } from "node:path"
import { atExit } from "../at-exit.js"
import { isGuarded } from "../live-workers.js"
import { hasProcessGroups } from "../platform.js"
import { privateDirectory, runtimeDirectory } from "../private-directory.js"
import { readProcess } from "../process-table.js"
import { instanceKey, thisHost } from "./identity.js"
import { Journal } from "./journal.js"
import { newNonce } from "./nonce.js"
import { killOrphan, OrphanSearch } from "./orphans.js"
import { type SweepPlan, type SweepReport, sweep } from "./sweep.js"

export type { SweepReport } from "./sweep.js"

/**
 * Where a host writes down which processes it runs, so that its successor can end what it left behind when it was
 * killed. Nothing here throws.
 */
export interface ProcessRegistry {
  /**
   * Says that a process is about to be launched, before it is.
   *
   * @param nonce of the process that it will be forked from. Default: a new one.
   */
  announce(nonce?: string): Announcement
  /** Ends what dead hosts of this instance left behind. Takes some milliseconds. */
  sweep(): SweepReport
}

export interface Announcement {
  /** For `SNAKEPIT_NONCE` in the environment of the process: by it a successor knows whom it may kill. */
  readonly nonce: string
  /** Without effect when it was said to have ended. */
  started(pid: number): void
  /** It has ended, or never started. Safe to repeat. */
  ended(): void
}

export interface RegistryOptions {
  /** Name of the instance: only hosts of the same name and token end each other's leftovers. */
  readonly name: string
  /** A secret; only a hash of it is written. Default: none. */
  readonly token?: string | undefined
  /** On this machine, not shared with others. Default: `snakepit-UID/registry` in `XDG_RUNTIME_DIR`, or in the system's folder for temporary files. */
  readonly directory?: string | undefined
  /** Gets, as a sentence, whatever is wrong. Must not throw. */
  readonly warn: (message: string) => void
}

/** Opens a registry, or says why there is none and goes on without; never throws. */
export function openRegistry({ name, token = "", directory, warn }: RegistryOptions): ProcessRegistry {
  if (!hasProcessGroups) return unrecorded
  try {
    const home = privateDirectory(resolve(directory ?? join(runtimeDirectory(), "registry")))
    const key = instanceKey(name, token)
    const plan: SweepPlan = { directory: home, prefix: `${key.slice(0, 16)}-`, key, here: thisHost(), warn }
    return new FileRegistry(name, plan)
  } catch (error) {
    warn(`No registry of processes is kept: ${error}.`)
    return unrecorded
  }
}

/** Gives nonces, and writes nothing down. */
export const unrecorded: ProcessRegistry = {
  announce: (nonce = newNonce()) => ({ nonce, started() {}, ended() {} }),
  sweep: () => ({ killed: 0, files: 0 }),
}

class FileRegistry implements ProcessRegistry {
  readonly #plan: SweepPlan
  readonly #journal: Journal
  #unhook = (): void => {}
  #announced = 0

  constructor(name: string, plan: SweepPlan) {
    const { directory, prefix, key, here, warn } = plan
    this.#plan = plan
    const file = `${prefix}${here.pid}-${randomBytes(6).toString("hex")}`
    this.#journal = new Journal(join(directory, file), { name, key, ...here }, warn)
  }

  announce(nonce = newNonce()): Announcement {
    if (this.#journal.isEmpty) this.#unhook = atExit(() => this.#exit())
    this.#announced += 1
    const id = this.#announced
    this.#journal.add({ id, nonce })
    return {
      nonce,
      started: (pid) =>
        this.#journal.change({ id, nonce, pid, startTime: readProcess(pid)?.startTime ?? "" }),
      ended: () => this.#end(id),
    }
  }

  sweep(): SweepReport {
    return sweep(this.#plan)
  }

  #end(id: number): void {
    this.#journal.end(id)
    if (this.#journal.isEmpty) this.#unhook()
  }

  /** Ends what nobody else ends at this exit: processes that others have forked for this one. */
  #exit(): void {
    const others = [...this.#journal.entries].filter(({ pid }) => pid === undefined || !isGuarded(pid))
    const search = others.length === 0 ? undefined : new OrphanSearch()
    for (const entry of others) search?.find(entry).orphans.forEach(killOrphan)
    // What was only asked for may still come.
    if (others.every(({ pid }) => pid !== undefined)) this.#journal.remove()
  }
}
