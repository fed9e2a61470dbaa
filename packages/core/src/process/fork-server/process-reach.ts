import { signalWorker } from "../platform.js"
import { allProcesses, hasEnded, readProcess } from "../process-table.js"
import { nonceOf } from "../registry/nonce.js"
import { killOrphan } from "../registry/orphans.js"

/** A process that this one is not the parent of: nobody keeps its number from becoming another's. */
export class ForeignProcess {
  readonly #pid: number
  readonly #startTime: string | undefined

  /** Must be made while it is certain that `pid` is the process. */
  constructor(pid: number) {
    this.#pid = pid
    this.#startTime = readProcess(pid)?.startTime
  }

  /** Signals its group, if it is still itself. */
  signal(signal: NodeJS.Signals): void {
    const facts = this.#facts()
    if (facts?.pgid === this.#pid) signalWorker(this.#pid, signal)
  }

  get isAlive(): boolean {
    const facts = this.#facts()
    return facts !== undefined && !hasEnded(facts)
  }

  /** Kills what is left of its group, as far as the processes there carry its nonce. */
  killGroup(nonce: string): void {
    this.signal("SIGKILL")
    for (const [pid, { pgid }] of allProcesses())
      if (pgid === this.#pid && nonceOf(pid) === nonce) killOrphan({ pid, leadsGroup: false })
  }

  #facts() {
    const facts = readProcess(this.#pid)
    return facts?.startTime === this.#startTime ? facts : undefined
  }
}
