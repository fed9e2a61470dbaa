import { allProcesses, hasEnded, type ProcessFacts } from "../process-table.js"
import { nonceOf } from "./nonce.js"
import type { Entry } from "./records.js"

/** A process that a host left behind, proven to be. */
export interface Orphan {
  readonly pid: number
  /** Its whole process group is its own. */
  readonly leadsGroup: boolean
}

export interface Found {
  readonly orphans: readonly Orphan[]
  /** Processes in the place of recorded ones, of which it cannot be told that they are those. */
  readonly unverified: readonly number[]
}

/** One look at the system, in which the orphans of any number of entries are searched. */
export class OrphanSearch {
  readonly #processes = allProcesses()
  #byNonce: ReadonlyMap<string, readonly number[]> | undefined

  /** What is left of an entry whose host is at its end. */
  find(entry: Entry): Found {
    const { pid, startTime } = entry
    if (pid === undefined || startTime === "")
      return { orphans: this.#withNonce(entry.nonce), unverified: [] }
    const facts = this.#running(pid)
    // Its number may be another's by now; a group keeps its number as long as it has members.
    if (facts === undefined) return { orphans: this.#membersWithNonce(pid, entry.nonce), unverified: [] }
    if (facts.startTime !== startTime) return { orphans: [], unverified: [] }
    const orphan = { pid, leadsGroup: facts.pgid === pid }
    return carries(orphan, entry.nonce)
      ? { orphans: [orphan], unverified: [] }
      : { orphans: [], unverified: [pid] }
  }

  /** Those of a launch that was announced, but whose number was not written down any more. */
  #withNonce(nonce: string): Orphan[] {
    this.#byNonce ??= this.#nonces()
    const pids = this.#byNonce.get(nonce) ?? []
    const groupOf = (pid: number) => this.#processes.get(pid)?.pgid ?? pid
    // The others go with the leader of their group.
    return pids
      .filter((pid) => groupOf(pid) === pid || !pids.includes(groupOf(pid)))
      .map((pid) => this.#orphan(pid))
  }

  #membersWithNonce(group: number, nonce: string): Orphan[] {
    const members = [...this.#processes].filter(([, facts]) => facts.pgid === group && !hasEnded(facts))
    return members.map(([pid]) => this.#orphan(pid)).filter(({ pid }) => nonceOf(pid) === nonce)
  }

  #nonces(): ReadonlyMap<string, readonly number[]> {
    const found = new Map<string, number[]>()
    for (const [pid, facts] of this.#processes) {
      const nonce = hasEnded(facts) ? undefined : nonceOf(pid)
      if (nonce !== undefined) found.set(nonce, [...(found.get(nonce) ?? []), pid])
    }
    return found
  }

  #orphan(pid: number): Orphan {
    return { pid, leadsGroup: this.#processes.get(pid)?.pgid === pid }
  }

  #running(pid: number): ProcessFacts | undefined {
    const facts = this.#processes.get(pid)
    return facts === undefined || hasEnded(facts) ? undefined : facts
  }
}

/** Looks once more, right before the kill. Where no environment can be read, leading a group must do. */
function carries({ pid, leadsGroup }: Orphan, nonce: string): boolean {
  return process.platform === "linux" ? nonceOf(pid) === nonce : leadsGroup
}

/** Kills it with its group, if it leads one. @returns whether there was something to kill. */
export function killOrphan({ pid, leadsGroup }: Orphan): boolean {
  if (pid === process.pid) return false
  try {
    return process.kill(leadsGroup ? -pid : pid, "SIGKILL")
  } catch {
    return false
  }
}
