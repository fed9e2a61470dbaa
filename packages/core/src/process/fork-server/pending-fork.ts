import type { ProcessPlan } from "../../adapter/adapter.js"
import type { LaunchIo } from "../launch.js"
import { LaunchError } from "../launch-error.js"
import { type ExitInfo, howItEnded } from "../launched.js"
import type { Announcement } from "../registry/registry.js"
import { startTimer } from "../timer.js"
import type { Connections, Expected } from "./doorway.js"
import { ForkedWorker } from "./forked-worker.js"
import { ForeignProcess } from "./process-reach.js"

/** A fork server that has not answered a request for so long is taken for stuck when the launch is given up. */
const stuckMs = 1000

/** The connections of a process that has ended may still wait to be accepted, and with them what it had to say. */
const lateMs = 200

export interface ForkParts {
  readonly plan: ProcessPlan
  readonly io: LaunchIo
  readonly expected: Expected
  readonly announcement: Announcement
  /** Has the fork server signal the worker. */
  signal(signal: NodeJS.Signals): void
  serverLives(): boolean
}

/** A worker that was asked for: it is there when the fork server has said so, and all its connections have come. */
export class PendingFork {
  /** Rejects when it will not come; nothing is left of it then. */
  readonly worker: Promise<ForkedWorker>
  readonly #parts: ForkParts
  readonly #asked = performance.now()
  #resolve: (worker: ForkedWorker) => void = () => {}
  #reject: (error: unknown) => void = () => {}
  #pid: number | undefined
  #connections: Connections | undefined
  #worker: ForkedWorker | undefined
  #exit: ExitInfo | undefined
  #givenUp = false

  constructor(parts: ForkParts) {
    this.#parts = parts
    this.worker = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    const { expected, io } = parts
    void expected.connections.then((connections) => {
      this.#connections = connections
      this.#complete()
    })
    const { signal } = io
    const onAbort = (): void => this.fail(signal?.reason)
    signal?.addEventListener("abort", onAbort, { once: true })
    const forget = (): void => signal?.removeEventListener("abort", onAbort)
    this.worker.then(forget, forget)
  }

  get token(): string {
    return this.#parts.expected.token
  }

  get isStuck(): boolean {
    return this.#pid === undefined && performance.now() - this.#asked > stuckMs
  }

  forked(pid: number): void {
    this.#pid = pid
    this.#parts.announcement.started(pid)
    this.#complete()
  }

  /** It has ended before, or just when, it was there. */
  ended(exit: ExitInfo): void {
    if (this.#worker !== undefined) return this.#worker.end(exit)
    const reason = `the forked process ${howItEnded(exit)} before it had connected.`
    const error = new LaunchError(this.#parts.plan, reason)
    this.#exit = exit
    startTimer(lateMs, () => this.fail(error))
  }

  /** Gives it up. Without its connections a process that was forked ends by itself; it is killed all the same. */
  fail(error: unknown): void {
    if (this.#worker !== undefined || this.#givenUp) return
    this.#givenUp = true
    this.#parts.expected.forget()
    for (const socket of Object.values(this.#connections ?? {})) socket.destroy()
    this.#parts.signal("SIGKILL")
    this.#parts.announcement.ended()
    this.#reject(error)
  }

  #complete(): void {
    const pid = this.#pid
    if (pid === undefined || this.#connections === undefined || this.#givenUp) return
    const { plan, io, announcement, signal, serverLives } = this.#parts
    const process = new ForeignProcess(pid)
    const reach = {
      get serverLives() {
        return serverLives()
      },
      signal: (name: NodeJS.Signals) => (serverLives() ? signal(name) : process.signal(name)),
      finish: () => {
        process.killGroup(announcement.nonce)
        return !process.isAlive
      },
    }
    const worker = new ForkedWorker(pid, this.#connections, {
      reach,
      hint: plan.hint,
      onOutput: (line) => io.onOutput(line),
    })
    this.#worker = worker
    void worker.exited.then(() => announcement.ended())
    this.#resolve(worker)
    if (this.#exit !== undefined) worker.end(this.#exit)
  }
}
