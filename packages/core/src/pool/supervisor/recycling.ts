import { groupMemory } from "../../process/process-table.js"
import { startTimer } from "../../process/timer.js"
import type { RecyclePolicy } from "./policies.js"
import { type DueReason, limitsOf, type RecycleLimits, recycleReason } from "./recycle.js"

/** A worker, as far as its wear is concerned. */
export interface Wearing {
  readonly pid: number | null
  /** On the clock of `performance.now()`. */
  readonly startedAt: number
  readonly requests: number
}

export interface RecyclingOptions<W> {
  readonly policy: RecyclePolicy
  /** Sessions that would lose what they keep in it. */
  strictSessionsOf(worker: W): number
  onDue(worker: W, reason: DueReason): void
  /** Bytes by process group. */
  readonly memoryOf?: (leaders: readonly number[]) => ReadonlyMap<number, number>
  readonly random?: () => number
}

interface Watched {
  readonly limits: RecycleLimits
  timer: NodeJS.Timeout | undefined
  /** The limit that it has reached. */
  reason: DueReason | undefined
  told: boolean
}

/** Tells which workers have reached a limit, once each, and not before the strict sessions that are bound to it have ended. */
export class Recycling<W extends Wearing> {
  readonly #options: RecyclingOptions<W>
  readonly #workers = new Map<W, Watched>()
  #memoryTimer: NodeJS.Timeout | undefined

  constructor(options: RecyclingOptions<W>) {
    this.#options = options
  }

  add(worker: W): void {
    const { policy, random = Math.random } = this.#options
    this.#workers.set(worker, {
      limits: limitsOf(policy, random),
      timer: undefined,
      reason: undefined,
      told: false,
    })
    this.#watchAge(worker)
    this.#watchMemory()
  }

  remove(worker: W): void {
    clearTimeout(this.#workers.get(worker)?.timer)
    this.#workers.delete(worker)
  }

  /** To be called after each answer, so it must be cheap. */
  answered(worker: W): void {
    if (this.#options.policy.maxRequests === undefined) return
    const maxRequests = this.#workers.get(worker)?.limits.maxRequests
    if (maxRequests !== undefined && worker.requests >= maxRequests) this.#look(worker, undefined)
  }

  /** What kept workers from being replaced may be gone. */
  sessionEnded(): void {
    for (const [worker, { reason, told }] of this.#workers)
      if (reason !== undefined && !told) this.#tell(worker)
  }

  close(): void {
    clearTimeout(this.#memoryTimer)
    for (const worker of [...this.#workers.keys()]) this.remove(worker)
  }

  #look(worker: W, memoryBytes: number | undefined): void {
    const watched = this.#workers.get(worker)
    if (watched === undefined || watched.told) return
    const uptimeMs = performance.now() - worker.startedAt
    watched.reason ??= recycleReason(watched.limits, { uptimeMs, requests: worker.requests, memoryBytes })
    if (watched.reason !== undefined) this.#tell(worker)
  }

  #tell(worker: W): void {
    const watched = this.#workers.get(worker)
    if (watched?.reason === undefined || this.#options.strictSessionsOf(worker) > 0) return
    watched.told = true
    this.#options.onDue(worker, watched.reason)
  }

  #watchAge(worker: W): void {
    const watched = this.#workers.get(worker)
    if (watched?.limits.ttlMs === undefined) return
    const leftMs = worker.startedAt + watched.limits.ttlMs - performance.now()
    watched.timer = startTimer(Math.max(1, leftMs), () => {
      this.#look(worker, undefined)
      // A timer may go off a little early.
      if (!watched.told && watched.reason === undefined) this.#watchAge(worker)
    })
    watched.timer?.unref()
  }

  /** One look for all of them, as long as there is one. */
  #watchMemory(): void {
    const { policy, memoryOf = groupMemory } = this.#options
    if (policy.maxMemoryBytes === undefined || this.#memoryTimer !== undefined) return
    this.#memoryTimer = startTimer(policy.checkIntervalMs, () => {
      this.#memoryTimer = undefined
      const memory = memoryOf([...this.#workers.keys()].flatMap(({ pid }) => (pid === null ? [] : [pid])))
      for (const worker of [...this.#workers.keys()])
        this.#look(worker, worker.pid === null ? undefined : memory.get(worker.pid))
      if (this.#workers.size > 0) this.#watchMemory()
    })
    this.#memoryTimer?.unref()
  }
}
